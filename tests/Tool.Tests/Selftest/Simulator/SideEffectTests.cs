using System.Text.Json.Nodes;
using CodexCompanion.Tool.Selftest.Simulator.Script;
using CodexCompanion.Tool.Selftest.Simulator.Turns;
using Xunit;

namespace CodexCompanion.Tool.Tests.Selftest.Simulator;

public sealed class SideEffectTests : IDisposable
{
    private readonly SimulationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_edit_is_made_each_time_it_is_asked_for_and_counted()
    {
        await using var client = await SimulatedClient.StartAsync(_folder);
        var thread = await client.StartThreadAsync();

        await client.RunTurnAsync(thread, "sim: edit one sub/file.txt");
        await client.RunTurnAsync(thread, "sim: edit one sub/file.txt");

        Assert.Equal(["one", "one"], _folder.Lines("sub/file.txt"));
        Assert.Equal(2, _folder.Journal.EditCount("one"));
        var change = client.Heard.FindLast(m => m["params"]?["item"]?["type"]?.GetValue<string>() == "fileChange")!["params"]!["item"]!;
        Assert.Equal(Path.Combine(_folder.Workspace, "sub", "file.txt"), change["changes"]![0]!["path"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(FaultPoint.BeforeEdit)]
    [InlineData(FaultPoint.AfterEdit)]
    public async Task A_continuation_makes_a_lost_edit_exactly_once(object at)
    {
        _folder.With(Faults.Kill((FaultPoint)at) with { Times = 1 });
        await using var first = await SimulatedClient.StartAsync(_folder);
        var thread = await first.StartThreadAsync();
        first.Ask("turn/start", SimulatedClient.Turn(thread, "sim: edit one file.txt\nsim: reply \"done\""));
        await first.WaitForExitAsync();

        await using var second = await SimulatedClient.StartAsync(_folder);
        await second.CallAsync("thread/resume", new JsonObject { ["threadId"] = thread, ["sandbox"] = "workspace-write" });
        var turn = await second.RunTurnAsync(thread, TurnPlan.ContinuationMarker);

        Assert.Equal(["one"], _folder.Lines("file.txt"));
        Assert.Equal(1, _folder.Journal.EditCount("one"));
        Assert.Equal("done", turn["items"]![0]!["text"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_continuation_leaves_finished_turns_alone()
    {
        await using var client = await SimulatedClient.StartAsync(_folder);
        var thread = await client.StartThreadAsync();
        await client.RunTurnAsync(thread, "sim: edit one file.txt");
        File.Delete(Path.Combine(_folder.Workspace, "file.txt"));

        await client.RunTurnAsync(thread, TurnPlan.ContinuationMarker);

        Assert.Empty(_folder.Lines("file.txt"));
    }

    [Fact]
    public async Task A_read_only_thread_edits_nothing_unless_the_turn_may()
    {
        await using var client = await SimulatedClient.StartAsync(_folder);
        var thread = await client.StartThreadAsync("read-only");

        await client.RunTurnAsync(thread, "sim: edit one file.txt");
        Assert.Empty(_folder.Lines("file.txt"));
        Assert.Single(_folder.Journal.Of("edit-refused"));

        var allowed = SimulatedClient.Turn(thread, "sim: edit two file.txt");
        allowed["sandboxPolicy"] = new JsonObject { ["type"] = "dangerFullAccess" };
        await client.EndOfAsync((await client.CallAsync("turn/start", allowed))["turn"]!["id"]!.GetValue<string>());
        Assert.Equal(["two"], _folder.Lines("file.txt"));
    }

    [Fact]
    public async Task A_command_runs_in_the_threads_folder_and_environment()
    {
        await using var client = await SimulatedClient.StartAsync(_folder);
        var thread = await client.StartThreadAsync(config: new JsonObject
        {
            ["shell_environment_policy"] = new JsonObject { ["set"] = new JsonObject { ["COLOUR"] = "green" } },
        });

        await client.RunTurnAsync(thread, OperatingSystem.IsWindows() ? "sim: run echo %COLOUR%> seen.txt" : "sim: run echo $COLOUR > seen.txt; pwd");

        Assert.Equal(["green"], _folder.Lines("seen.txt"));
        var item = client.Heard.FindLast(m => m["params"]?["item"]?["type"]?.GetValue<string>() == "commandExecution")!["params"]!["item"]!;
        Assert.Equal((0, "completed"), (item["exitCode"]!.GetValue<int>(), item["status"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_command_outlives_its_interrupted_turn_until_the_terminals_are_cleaned()
    {
        if (OperatingSystem.IsWindows())
            return;
        await using var client = await SimulatedClient.StartAsync(_folder);
        var thread = await client.StartThreadAsync();
        var turn = await client.StartTurnAsync(thread, "sim: run sleep 60");
        await _folder.WaitForAsync(j => j.Of("command-started").Any());
        var pid = _folder.Journal.Of("command-started").Single().Command!.Value;

        await client.CallAsync("turn/interrupt", new JsonObject { ["threadId"] = thread, ["turnId"] = turn });
        Assert.Equal("interrupted", (await client.EndOfAsync(turn))["status"]!.GetValue<string>());
        Assert.True(IsAlive(pid));

        await client.CallAsync("thread/backgroundTerminals/clean", new JsonObject { ["threadId"] = thread });
        await _folder.WaitForAsync(j => j.Of("command-ended").Any());
        Assert.Equal(-1, _folder.Journal.Of("command-ended").Single().Command);
        Assert.False(IsAlive(pid));
    }

    [Theory]
    [InlineData("accept", "completed", true)]
    [InlineData("decline", "completed", false)]
    [InlineData("cancel", "interrupted", false)]
    public async Task An_approval_decides_what_is_run(string decision, string status, bool runs)
    {
        await using var client = await SimulatedClient.StartAsync(_folder);
        var turn = await client.StartTurnAsync(await client.StartThreadAsync(), "sim: ask-approval echo yes> asked.txt");
        var question = await client.WaitForAsync("item/commandExecution/requestApproval");

        client.Say(new JsonObject { ["id"] = question["id"]!.DeepClone(), ["result"] = new JsonObject { ["decision"] = decision } }.ToJsonString());

        Assert.Equal(status, (await client.EndOfAsync(turn))["status"]!.GetValue<string>());
        Assert.Equal(runs, _folder.Lines("asked.txt").Length == 1);
    }

    private static bool IsAlive(int pid)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
