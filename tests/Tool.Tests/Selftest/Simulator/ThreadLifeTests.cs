using System.Text.Json.Nodes;
using CodexCompanion.Tool.Selftest.Simulator.Script;
using Xunit;

namespace CodexCompanion.Tool.Tests.Selftest.Simulator;

public sealed class ThreadLifeTests : IDisposable
{
    private readonly SimulationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_thread_survives_its_server()
    {
        string thread;
        await using (var first = await SimulatedClient.StartAsync(_folder))
        {
            thread = await first.StartThreadAsync();
            await first.RunTurnAsync(thread, "Hello", "message-1");
            await first.CallAsync("thread/name/set", new JsonObject { ["threadId"] = thread, ["name"] = "greeting" });
        }

        await using var second = await SimulatedClient.StartAsync(_folder);
        var read = await ReadAsync(second, thread);
        var turn = Assert.Single(read["turns"]!.AsArray())!;

        Assert.Equal("completed", turn["status"]!.GetValue<string>());
        Assert.Equal("message-1", turn["items"]![0]!["clientId"]!.GetValue<string>());
        Assert.Equal("Simulated reply to: Hello", turn["items"]![1]!["text"]!.GetValue<string>());
        Assert.Equal("greeting", read["name"]!.GetValue<string>());
        await second.CallAsync("thread/resume", Id(thread));
        await second.RunTurnAsync(thread, "Again");
        Assert.Equal(2, (await ReadAsync(second, thread))["turns"]!.AsArray().Count);
    }

    [Theory]
    [InlineData(FaultPoint.TurnAnswered, 0)]
    [InlineData(FaultPoint.Thinking, 1)]
    public async Task A_turn_that_was_killed_reads_as_interrupted(object at, int items)
    {
        _folder.With(Faults.Kill((FaultPoint)at) with { Times = 1 });
        await using var first = await SimulatedClient.StartAsync(_folder);
        var thread = await first.StartThreadAsync();
        first.Ask("turn/start", SimulatedClient.Turn(thread, "Hello", "message-1"));
        await first.WaitForExitAsync();

        await using var second = await SimulatedClient.StartAsync(_folder);
        var turn = Assert.Single((await ReadAsync(second, thread))["turns"]!.AsArray())!;

        Assert.Equal("interrupted", turn["status"]!.GetValue<string>());
        Assert.Equal(items, turn["items"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("0.169", "is empty", "is empty")]
    [InlineData("0.142", "thread not loaded", "no rollout found")]
    public async Task A_thread_killed_at_once_is_not_there(string dialect, string onRead, string onResume)
    {
        _folder.Use(new SimulationScript(dialect, Faults: [Faults.Kill(FaultPoint.TurnRequested)]));
        await using var first = await SimulatedClient.StartAsync(_folder);
        var thread = await first.StartThreadAsync();
        first.Ask("turn/start", SimulatedClient.Turn(thread, "Hello"));
        await first.WaitForExitAsync();

        await using var second = await SimulatedClient.StartAsync(_folder);

        Assert.Contains(onRead, (await second.RefusedAsync("thread/read", Id(thread))).Message, StringComparison.Ordinal);
        Assert.Contains(onResume, (await second.RefusedAsync("thread/resume", Id(thread))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_half_written_last_line_does_not_hurt()
    {
        string thread;
        await using (var first = await SimulatedClient.StartAsync(_folder))
        {
            thread = await first.StartThreadAsync();
            await first.RunTurnAsync(thread, "Hello");
        }

        await File.AppendAllTextAsync(Path.Combine(_folder.Home, "simulation", "threads", thread + ".jsonl"), "{\"line\":\"tu");
        await using var second = await SimulatedClient.StartAsync(_folder);
        await second.CallAsync("thread/resume", Id(thread));
        await second.RunTurnAsync(thread, "Again");

        var turns = (await ReadAsync(second, thread))["turns"]!.AsArray();
        Assert.Equal(["completed", "completed"], turns.Select(t => t!["status"]!.GetValue<string>()).ToArray());
    }

    [Fact]
    public async Task A_loaded_thread_has_one_writer_in_0_169_until_it_is_let_go()
    {
        await using var first = await SimulatedClient.StartAsync(_folder);
        await using var second = await SimulatedClient.StartAsync(_folder);
        var thread = await first.StartThreadAsync();
        await first.RunTurnAsync(thread, "Hello");

        Assert.Equal((-32600, $"thread {thread} already has an active writer"), await second.RefusedAsync("thread/resume", Id(thread)));
        await first.CallAsync("thread/archive", Id(thread));
        Assert.StartsWith($"session {thread} is archived.", (await second.RefusedAsync("thread/resume", Id(thread))).Message, StringComparison.Ordinal);
        await first.CallAsync("thread/unarchive", Id(thread));

        await second.CallAsync("thread/resume", Id(thread));
        Assert.Equal($"thread not found: {thread}", (await first.RefusedAsync("turn/start", SimulatedClient.Turn(thread, "x"))).Message);
    }

    [Fact]
    public async Task A_deleted_thread_is_gone_with_its_history()
    {
        await using var client = await SimulatedClient.StartAsync(_folder);
        var (used, unused) = (await client.StartThreadAsync(), await client.StartThreadAsync());
        await client.RunTurnAsync(used, "Hello");

        foreach (var thread in (string[])[used, unused])
        {
            await client.CallAsync("thread/delete", Id(thread));
            Assert.Equal((-32600, $"no rollout found for thread id {thread}"), await client.RefusedAsync("thread/resume", Id(thread)));
            Assert.Equal((-32600, $"no rollout found for thread id {thread}"), await client.RefusedAsync("thread/delete", Id(thread)));
        }

        Assert.Empty((await client.CallAsync("thread/loaded/list", []))["data"]!.AsArray());
    }

    [Fact]
    public async Task Archiving_a_thread_ends_its_turn_whatever_that_ignores()
    {
        await using var client = await SimulatedClient.StartAsync(_folder);
        var thread = await client.StartThreadAsync();
        var turn = await client.StartTurnAsync(thread, "sim: ignore-interrupt\nsim: no-completed");
        await client.WaitForAsync("thread/tokenUsage/updated");

        await client.CallAsync("thread/archive", Id(thread));

        Assert.Equal("interrupted", (await client.EndOfAsync(turn))["status"]!.GetValue<string>());
        Assert.Equal(thread, Assert.Single(_folder.Journal.Of("thread-released")).ThreadId);
        Assert.Empty((await client.CallAsync("thread/loaded/list", []))["data"]!.AsArray());
    }

    [Fact]
    public async Task The_death_of_its_server_frees_a_thread()
    {
        _folder.With(Faults.Kill(FaultPoint.Thinking) with { Times = 1 });
        await using var first = await SimulatedClient.StartAsync(_folder);
        var thread = await first.StartThreadAsync();
        first.Ask("turn/start", SimulatedClient.Turn(thread, "Hello"));
        await first.WaitForExitAsync();

        await using var second = await SimulatedClient.StartAsync(_folder);
        await second.CallAsync("thread/resume", Id(thread));

        Assert.Equal("completed", (await second.RunTurnAsync(thread, "Again"))["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task Two_servers_of_0_142_both_write_to_a_thread()
    {
        _folder.Use(new SimulationScript("0.142"));
        await using var first = await SimulatedClient.StartAsync(_folder);
        await using var second = await SimulatedClient.StartAsync(_folder);
        var thread = await first.StartThreadAsync();
        await first.RunTurnAsync(thread, "sim: edit once count.txt");
        await second.CallAsync("thread/resume", new JsonObject { ["threadId"] = thread, ["sandbox"] = "workspace-write" });

        await first.RunTurnAsync(thread, "sim: edit twice count.txt");
        await second.RunTurnAsync(thread, "sim: edit twice count.txt");

        Assert.Equal(["once", "twice", "twice"], _folder.Lines("count.txt"));
        Assert.Equal(2, _folder.Journal.EditCount("twice"));
    }

    [Fact]
    public async Task A_running_turn_reads_as_interrupted_elsewhere()
    {
        await using var first = await SimulatedClient.StartAsync(_folder);
        await using var second = await SimulatedClient.StartAsync(_folder);
        var thread = await first.StartThreadAsync();
        await first.StartTurnAsync(thread, "sim: no-completed", "message-1");
        await first.WaitForAsync("thread/tokenUsage/updated");

        Assert.Equal("inProgress", (await ReadAsync(first, thread))["turns"]![0]!["status"]!.GetValue<string>());
        var elsewhere = (await ReadAsync(second, thread))["turns"]![0]!;
        Assert.Equal("interrupted", elsewhere["status"]!.GetValue<string>());
        Assert.Equal("message-1", elsewhere["items"]![0]!["clientId"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_end_of_stdin_interrupts_the_running_turn_and_exits_with_0()
    {
        await using var first = await SimulatedClient.StartAsync(_folder);
        var thread = await first.StartThreadAsync();
        await first.StartTurnAsync(thread, "sim: think 60s", "message-1");

        first.EndStdin();

        Assert.Equal(0, await first.WaitForExitAsync());
        var ended = Assert.Single(_folder.Journal.Of("turn-ended"));
        Assert.Equal(("interrupted", "message-1"), (ended.Status, ended.ClientUserMessageId));
        Assert.Equal("stdin-end", Assert.Single(_folder.Journal.Of("server-exit")).Why);
        Assert.DoesNotContain(first.Heard, m => SimulatedClient.Method(m) == "turn/completed");
    }

    [Fact]
    public async Task Lists_forks_and_ephemeral_threads_behave()
    {
        await using var client = await SimulatedClient.StartAsync(_folder);
        var thread = await client.StartThreadAsync();
        await client.RunTurnAsync(thread, "Hello");
        var ephemeral = (await client.CallAsync("thread/start", new JsonObject { ["ephemeral"] = true }))["thread"]!["id"]!.GetValue<string>();
        await client.RunTurnAsync(ephemeral, "Hello");

        var fork = (await client.CallAsync("thread/fork", Id(thread)))["thread"]!;
        var listed = await client.CallAsync("thread/list", new JsonObject { ["cwd"] = _folder.Workspace });

        Assert.Equal(thread, fork["forkedFromId"]!.GetValue<string>());
        Assert.Single(fork["turns"]!.AsArray());
        Assert.Equal([fork["id"]!.GetValue<string>(), thread], listed["data"]!.AsArray().Select(t => t!["id"]!.GetValue<string>()).ToArray());
        Assert.Contains("no rollout found", (await client.RefusedAsync("thread/archive", Id(ephemeral))).Message, StringComparison.Ordinal);
        Assert.Equal(3, (await client.CallAsync("thread/loaded/list", []))["data"]!.AsArray().Count);
    }

    private static JsonObject Id(string thread) => new() { ["threadId"] = thread };

    private static async Task<JsonNode> ReadAsync(SimulatedClient client, string thread) =>
        (await client.CallAsync("thread/read", new JsonObject { ["threadId"] = thread, ["includeTurns"] = true }))["thread"]!;
}
