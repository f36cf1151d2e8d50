using CodexCompanion.Tool.Selftest.Simulator.Script;
using Xunit;

namespace CodexCompanion.Tool.Tests.Selftest.Simulator;

public sealed class FaultTests : IDisposable
{
    private readonly SimulationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Exit_after_turn_answers_and_goes()
    {
        await using var client = await SimulatedClient.StartAsync(_folder.With(Faults.ExitAfterTurn()));

        await client.RunTurnAsync(await client.StartThreadAsync(), "Hello");

        Assert.Equal(0, await client.WaitForExitAsync());
        Assert.Equal(1, _folder.Journal.FaultCount("exit-after-turn"));
        Assert.Equal("exit-after-turn", Assert.Single(_folder.Journal.Of("server-exit")).Why);
    }

    [Fact]
    public async Task Exit_at_start_says_why_on_stderr()
    {
        await using var client = SimulatedClient.Connect(_folder.With(Faults.ExitAtStart(7, "no config")));

        Assert.Equal(7, await client.WaitForExitAsync());
        Assert.Equal("no config", client.Stderr.ToString().Trim());
    }

    [Theory]
    [InlineData(FaultPoint.Thinking, 0)]
    [InlineData(FaultPoint.BeforeEdit, 0)]
    [InlineData(FaultPoint.AfterEdit, 1)]
    [InlineData(FaultPoint.TurnRecorded, 1)]
    public async Task A_dropped_turn_never_says_that_it_completed(object at, int edits)
    {
        await using var client = await SimulatedClient.StartAsync(_folder.With(Faults.DropTurn((FaultPoint)at)));
        await client.StartTurnAsync(await client.StartThreadAsync(), "sim: edit one file.txt");

        Assert.Equal(0, await client.WaitForExitAsync());
        Assert.DoesNotContain(client.Heard, m => SimulatedClient.Method(m) == "turn/completed");
        Assert.Equal(edits, _folder.Lines("file.txt").Length);
        Assert.Equal(at is FaultPoint.TurnRecorded ? 1 : 0, _folder.Journal.Of("turn-ended").Count());
    }

    [Fact]
    public async Task A_fault_strikes_at_its_turn_only()
    {
        await using var client = await SimulatedClient.StartAsync(_folder.With(Faults.DropTurn() with { Turn = 2 }));
        var thread = await client.StartThreadAsync();

        Assert.Equal("completed", (await client.RunTurnAsync(thread, "one"))["status"]!.GetValue<string>());
        client.Ask("turn/start", SimulatedClient.Turn(thread, "two"));

        await client.WaitForExitAsync();
        Assert.Equal(1, _folder.Journal.FaultCount("drop-turn"));
    }

    [Fact]
    public async Task A_fault_strikes_at_its_prompt_only()
    {
        await using var client = await SimulatedClient.StartAsync(_folder.With(Faults.ExitAfterTurn() with { PromptContains = "bad" }));
        var thread = await client.StartThreadAsync();

        await client.RunTurnAsync(thread, "good");
        await client.RunTurnAsync(thread, "bad");

        Assert.Equal(0, await client.WaitForExitAsync());
    }

    [Fact]
    public async Task A_fault_of_once_strikes_once_over_all_servers()
    {
        _folder.With(Faults.ExitAfterTurn() with { Times = 1 });
        await using var first = await SimulatedClient.StartAsync(_folder);
        await first.RunTurnAsync(await first.StartThreadAsync(), "one");
        await first.WaitForExitAsync();

        await using var second = await SimulatedClient.StartAsync(_folder);
        var thread = await second.StartThreadAsync();
        await second.RunTurnAsync(thread, "two");
        await second.RunTurnAsync(thread, "three");

        Assert.Equal(1, _folder.Journal.FaultCount("exit-after-turn"));
        Assert.Equal(2, _folder.Journal.ServerCount);
    }

    [Fact]
    public async Task A_stalled_server_says_nothing_more_but_still_ends_with_stdin()
    {
        await using var client = await SimulatedClient.StartAsync(_folder.With(Faults.Stall()));
        client.Ask("turn/start", SimulatedClient.Turn(await client.StartThreadAsync(), "Hello"));
        await _folder.WaitForAsync(j => j.FaultCount("stall") == 1);
        client.Ask("account/read", []);
        client.EndStdin();

        Assert.Equal(0, await client.WaitForExitAsync());
        Assert.DoesNotContain(client.Heard, m => SimulatedClient.Method(m) == "item/agentMessage/delta");
        Assert.DoesNotContain(client.Heard, m => m["result"]?["requiresOpenaiAuth"] is not null);
    }

    [Fact]
    public async Task Initialize_can_stay_without_an_answer()
    {
        await using var client = SimulatedClient.Connect(_folder.With(Faults.NeverInitialize()));
        client.Ask("initialize", new() { ["clientInfo"] = new System.Text.Json.Nodes.JsonObject { ["name"] = "tests", ["version"] = "1" } });
        await _folder.WaitForAsync(j => j.Of("initialize").Any());
        client.EndStdin();

        await client.WaitForExitAsync();
        Assert.Empty(client.Heard);
    }

    [Fact]
    public async Task An_overloaded_server_refuses_a_turn_once()
    {
        await using var client = await SimulatedClient.StartAsync(_folder.With(Faults.OverloadedOnce()));
        var thread = await client.StartThreadAsync();

        Assert.Equal((-32001, "Server overloaded; retry later."), await client.RefusedAsync("turn/start", SimulatedClient.Turn(thread, "Hello")));
        Assert.Equal("completed", (await client.RunTurnAsync(thread, "Hello"))["status"]!.GetValue<string>());
        Assert.Single(_folder.Journal.Of("turn-started"));
    }

    [Theory]
    [InlineData("0.120.0")]
    [InlineData("nonsense")]
    public async Task Another_version_is_reported(string version)
    {
        await using var client = SimulatedClient.Connect(_folder.With(Faults.ReportVersion(version)));

        Assert.StartsWith($"tests/{version} ", (await client.InitializeAsync())["userAgent"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Noise_on_stdout_stands_between_whole_messages()
    {
        await using var client = await SimulatedClient.StartAsync(_folder.With(Faults.NoiseOnStdout(), Faults.NoiseOnStderr()));

        Assert.Equal("completed", (await client.RunTurnAsync(await client.StartThreadAsync(), "Hello"))["status"]!.GetValue<string>());

        Assert.Contains(client.Noise, line => line.Length > 100_000);
        Assert.Contains(client.Noise, line => line.Contains('\u001b'));
        Assert.Contains("not a message", client.Stderr.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_closes_its_stdout_finishes_its_turn_unseen()
    {
        await using var client = await SimulatedClient.StartAsync(_folder.With(Faults.CloseStdout()));
        client.Ask("turn/start", SimulatedClient.Turn(await client.StartThreadAsync(), "sim: edit one file.txt"));

        await _folder.WaitForAsync(j => j.Of("turn-ended").Any());

        Assert.Equal(["one"], _folder.Lines("file.txt"));
        client.EndStdin();
        await client.WaitForExitAsync();
        Assert.DoesNotContain(client.Heard, m => SimulatedClient.Method(m) == "turn/completed");
    }

    [Fact]
    public async Task A_slow_server_answers_late()
    {
        await using var client = await SimulatedClient.StartAsync(_folder.With(Faults.SlowAnswers(120)));
        var start = TimeProvider.System.GetTimestamp();

        await client.CallAsync("account/read", []);

        Assert.True(TimeProvider.System.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(100));
        Assert.Equal(2, _folder.Journal.FaultCount("slow-answers"));
    }

    [Fact]
    public async Task Without_an_account_every_turn_is_unauthorized()
    {
        _folder.Use(new SimulationScript(Account: SimulatedAccount.LoggedOut));
        await using var client = await SimulatedClient.StartAsync(_folder);

        var turn = await client.RunTurnAsync(await client.StartThreadAsync(), "Hello");

        Assert.Equal("unauthorized", turn["error"]!["codexErrorInfo"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_journal_counts_turns_by_the_clients_name_for_them()
    {
        await using var client = await SimulatedClient.StartAsync(_folder);
        var thread = await client.StartThreadAsync();

        await client.RunTurnAsync(thread, "one", "message-1");
        await client.RunTurnAsync(thread, "again", "message-1");
        await client.RunTurnAsync(thread, "sim: fail internal", "message-2");

        var journal = _folder.Journal;
        Assert.Equal(2, journal.TurnsStarted["message-1"]);
        Assert.Equal(2, journal.TurnsCompleted["message-1"]);
        Assert.Equal(1, journal.TurnsStarted["message-2"]);
        Assert.False(journal.TurnsCompleted.ContainsKey("message-2"));
        Assert.Equal([Environment.ProcessId], journal.LivePids());
    }
}
