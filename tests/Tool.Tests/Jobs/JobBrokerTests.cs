using System.Globalization;
using System.Text.Json;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using Xunit;

namespace CodexCompanion.Tool.Tests.Jobs;

/// <summary>Background jobs whose turns run in a shared broker: cancelled, deaf, and left alone by their workers.</summary>
public sealed class JobBrokerTests : IDisposable
{
    private readonly JobProcessBench _bench = new(broker: true);

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Cancel_stops_one_turn_with_its_commands_and_leaves_the_others_of_the_broker_alone()
    {
        if (OperatingSystem.IsWindows())
            return;
        var pidFile = Path.Combine(_bench.Tool.Root, "pid");
        var other = await _bench.LaunchAsync("sim: think 2s\nsim: reply undisturbed");
        var id = await _bench.LaunchAsync("--write", $"sim: run echo $$ > '{pidFile}'; exec sleep 600");
        await JobProcessBench.UntilAsync(() => File.Exists(pidFile) && File.ReadAllText(pidFile).EndsWith('\n'));
        var command = new ProcessTable().Identify(int.Parse(File.ReadAllText(pidFile), CultureInfo.InvariantCulture))!;

        var proof = await CancelAsync(id, exitCode: 0);
        Assert.True(proof.GetProperty("interruptSent").GetBoolean());
        Assert.True(proof.GetProperty("turnEnded").GetBoolean());
        Assert.Equal(ProcessPresence.Gone, new ProcessTable().Look(command));
        Assert.Equal("undisturbed", (await _bench.EndedAsync(other)).Rendered);
        Assert.Equal(1, _bench.Simulation.Journal.ServerCount);
        Assert.Equal(_bench.Job(other).AppServer, _bench.Job(id).AppServer);
    }

    [Fact]
    public async Task A_turn_that_ignores_its_interrupt_ends_with_its_app_server_when_nobody_else_uses_that()
    {
        ExpectNoAnswerToAnInterrupt();
        var id = await BegunAsync("sim: ignore-interrupt\nsim: think 600s");
        var server = _bench.Job(id).AppServer!;

        var proof = await CancelAsync(id, exitCode: 0);
        Assert.True(proof.GetProperty("turnEnded").GetBoolean());
        Assert.Matches("Its app-server was ended|ended with its app-server", proof.GetProperty("detail").GetString()); // The answer, or the news that overtook it.
        Assert.Equal(JobStatus.Cancelled, _bench.Job(id).Status);
        await GoneAsync(server);
        Assert.Equal("next\n", (await _bench.RunAsync("task", "sim: reply next")).Out);
    }

    [Fact]
    public async Task A_turn_that_ignores_its_interrupt_beside_others_is_said_to_run_on_until_they_have_ended()
    {
        ExpectNoAnswerToAnInterrupt();
        var other = await BegunAsync("sim: run while [ ! -e go ]; do sleep 0.02; done\nsim: reply undisturbed");
        var id = await BegunAsync("sim: ignore-interrupt\nsim: think 600s");
        var server = _bench.Job(id).AppServer!;

        var proof = await CancelAsync(id, exitCode: 1);
        Assert.False(proof.GetProperty("turnEnded").GetBoolean());
        Assert.Contains("not known to have ended", _bench.Job(id).ErrorMessage, StringComparison.Ordinal);
        Assert.Equal("next\n", (await _bench.RunAsync("task", "sim: reply next")).Out); // On a server of its own.
        Assert.NotEqual(server, _bench.Store.ListJobs().First(job => job.Rendered is null && job.Id != id && job.Id != other).AppServer);

        File.WriteAllText(Path.Combine(_bench.Tool.Work, "go"), "");
        Assert.Equal("undisturbed", (await _bench.EndedAsync(other)).Rendered);
        await GoneAsync(server);
    }

    [Fact]
    public async Task A_worker_that_does_not_listen_is_ended_and_its_turn_is_stopped_in_the_broker()
    {
        if (OperatingSystem.IsWindows())
            return;
        _bench.Extra["CODEX_COMPANION_CANCEL_LIMIT"] = "8s"; // Most of it is the worker's.
        var id = await BegunAsync("sim: think 600s");
        var worker = _bench.Job(id).Process!;
        await JobProcessBench.SignalAsync("STOP", worker);

        var proof = await CancelAsync(id, exitCode: 0);
        Assert.True(proof.GetProperty("turnEnded").GetBoolean());
        Assert.Equal(ProcessPresence.Gone, new ProcessTable().Look(worker));
        await _bench.Simulation.WaitForAsync(journal => journal.Of("turn-ended").Any(e => e.Status == "interrupted"));
        Assert.Contains("0 turns running", (await _bench.RunAsync("broker", "status")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_turn_that_the_broker_still_runs_without_its_worker_is_not_called_lost()
    {
        if (OperatingSystem.IsWindows())
            return;
        ExpectNoAnswerToAnInterrupt();
        var other = await BegunAsync("sim: run while [ ! -e go ]; do sleep 0.02; done\nsim: reply undisturbed");
        var id = await BegunAsync("sim: ignore-interrupt\nsim: think 600s");
        var worker = _bench.Job(id).Process!;
        await JobProcessBench.SignalAsync("KILL", worker);
        await GoneAsync(worker);

        // The broker cannot stop it, and others use its server: it runs, and that is what everybody hears.
        Assert.Contains($"- {id} | running", (await _bench.RunAsync("status", id)).Out, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.StillRunning, (await _bench.RunAsync("result", id)).ExitCode);
        Assert.Equal(ExitCodes.StillRunning, (await _bench.RunAsync("wait", id, "--timeout", "100ms")).ExitCode);

        File.WriteAllText(Path.Combine(_bench.Tool.Work, "go"), "");
        Assert.Equal("undisturbed", (await _bench.EndedAsync(other)).Rendered);
        Assert.Equal(ExitCodes.Lost, (await _bench.RunAsync("wait", id)).ExitCode);
        Assert.Equal((JobStatus.Failed, JobErrorCodes.WorkerLost), (_bench.Job(id).Status, _bench.Job(id).ErrorCode));
        Assert.NotNull(_bench.Job(id).RecoveryTriedAt);
    }

    // A turn that ignores its interrupt must not cost a test ten seconds; one that heeds it gets what a loaded machine needs.
    private void ExpectNoAnswerToAnInterrupt()
    {
        _bench.Extra["CODEX_COMPANION_INTERRUPT_CONFIRMED_LIMIT"] = "500ms";
        _bench.Extra["CODEX_COMPANION_CANCEL_LIMIT"] = "4s";
    }

    private async Task<string> BegunAsync(string prompt)
    {
        var id = await _bench.LaunchAsync(prompt);
        await JobProcessBench.UntilAsync(() => _bench.Job(id) is { TurnId: not null, AppServer: not null } && _bench.Simulation.Journal.Of("turn-started").Any(e => e.ThreadId == _bench.Job(id).ThreadId));
        return id;
    }

    private async Task<JsonElement> CancelAsync(string id, int exitCode)
    {
        var end = await _bench.RunAsync("cancel", id, "--json");
        Assert.Equal((exitCode, ""), (end.ExitCode, end.Error));
        using var json = JsonDocument.Parse(end.Out);
        Assert.Equal("cancelled", json.RootElement.GetProperty("status").GetString());
        return json.RootElement.GetProperty("proof").Clone();
    }

    private static Task GoneAsync(ProcessIdentity process) =>
        JobProcessBench.UntilAsync(() => new ProcessTable().Look(process) is ProcessPresence.Gone or ProcessPresence.Other);
}
