using System.Diagnostics;
using System.Runtime.InteropServices;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Selftest.Simulator.Script;
using CodexCompanion.Tool.Tests.Selftest.Simulator;
using Xunit;

namespace CodexCompanion.Tool.Tests.Commands;

/// <summary>The built tool as a process of its own, on the simulated app-server. Signals are sent on Unix only.</summary>
public sealed partial class TaskProcessTests : IDisposable
{
    private const int Interrupt = 2;
    private const int Terminate = 15;
    private const int Hangup = 1;

    // A process start on a busy machine takes seconds; a test that hangs fails instead.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ToolBench _bench = new();
    private readonly SimulationFolder _simulation = new();

    private static string Program => Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "codex-companion.exe" : "codex-companion");

    public void Dispose()
    {
        _simulation.Dispose();
        _bench.Dispose();
    }

    [Fact]
    public async Task The_prompt_may_come_late_and_slowly_through_stdin()
    {
        using var process = Start("task", "--no-broker");
        await process.StandardInput.WriteAsync("sim: reply h\u00e9llo\n");
        await process.StandardInput.FlushAsync();
        foreach (var _ in Enumerable.Range(0, 9))
            await process.StandardInput.WriteAsync(new string('x', 99_999) + "\n");
        process.StandardInput.Close();
        var end = await EndAsync(process);
        Assert.Equal(("h\u00e9llo\n", 0), (end.Out, end.ExitCode));
        Assert.Equal(900_000 + 17, _bench.Job.Request?.GetProperty("prompt").GetString()!.Length);
    }

    [Fact]
    public async Task The_trail_of_a_task_without_a_broker_says_which_step_was_skipped()
    {
        using var process = Start("task", "--no-broker", "--verbose", "sim: reply done");
        process.StandardInput.Close();
        var end = await EndAsync(process);
        Assert.Equal(("done\n", 0), (end.Out, end.ExitCode));
        foreach (var step in new[] { "ValidateBroker", "Connect", "Execute" })
            Assert.Contains($"\n[{step}] skipped, ", end.Error, StringComparison.Ordinal);
        Assert.Contains("\n[FallbackDirect] direct, ", end.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(FaultPoint.BeforeEdit)]
    [InlineData(FaultPoint.AfterEdit)]
    public async Task A_server_of_its_own_that_closes_its_output_is_ended_and_another_brings_the_turn_to_its_end(object at)
    {
        var stays = new SimulatedFault { Name = "stays", Action = FaultAction.Delay, At = (FaultPoint)at, Milliseconds = 600_000, Times = 1 };
        _simulation.With(Faults.CloseStdout() with { Times = 1 }, stays);
        using var process = Start("task", "--no-broker", "--write", "sim: edit once once.txt\nsim: reply done");
        process.StandardInput.Close();
        var end = await EndAsync(process);
        Assert.Equal(("done\n", 0), (end.Out, end.ExitCode));
        Assert.Equal(["once"], await File.ReadAllLinesAsync(Path.Combine(_bench.Work, "once.txt")));
        Assert.Single(_bench.Job.RecoveryNotes!);
    }

    [Theory]
    [InlineData(Interrupt, 130)]
    [InlineData(Terminate, 143)]
    [InlineData(Hangup, 129)]
    public async Task A_signal_stops_the_turn_and_the_process_says_which(int signal, int exitCode)
    {
        if (OperatingSystem.IsWindows())
            return;
        using var process = Start("task", "--no-broker", "sim: think 50s");
        await UntilTurnRunsAsync();
        Assert.Equal(0, Kill(process.Id, signal));
        var end = await EndAsync(process);
        Assert.Equal((exitCode, ""), (end.ExitCode, end.Out));
        Assert.Contains("error: The task was cancelled.", end.Error, StringComparison.Ordinal);
        Assert.Equal((JobStatus.Cancelled, exitCode), (_bench.Job.Status, _bench.Job.ExitCode));
    }

    [Fact]
    public async Task A_second_interrupt_ends_the_process_at_once()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var process = Start("task", "--no-broker", "sim: ignore-interrupt\nsim: think 50s");
        await UntilTurnRunsAsync();
        Assert.Equal(0, Kill(process.Id, Interrupt));
        await UntilAsync(() => _bench.JobLog.Contains("Stopping the turn", StringComparison.Ordinal) && _bench.Job.CancelRequestedAt is not null);
        Assert.Equal(0, Kill(process.Id, Interrupt));
        var end = await EndAsync(process);
        Assert.Equal(128 + Interrupt, end.ExitCode);
        Assert.Equal(JobStatus.Running, _bench.Job.Status);
        await _bench.RunAsync("status");
        Assert.Equal(JobStatus.Cancelled, _bench.Job.Status);
        // Its app-server ends with its stdin; the folder must not go before.
        await UntilAsync(() => _simulation.Journal.LivePids().Count == 0);
    }

    [Fact]
    public async Task A_reader_that_has_gone_does_not_cost_the_result()
    {
        using var process = Start("task", "--no-broker", "sim: think 1s\nsim: reply kept");
        process.StandardInput.Close();
        process.StandardOutput.Close();
        var error = await process.StandardError.ReadToEndAsync().WaitAsync(Patience);
        await process.WaitForExitAsync().WaitAsync(Patience);
        Assert.Contains("could not be printed; it is kept in", error, StringComparison.Ordinal);
        Assert.Equal(1, process.ExitCode);
        Assert.Equal((JobStatus.Completed, "kept"), (_bench.Job.Status, _bench.Job.Rendered));
        Assert.Null(_bench.Job.CollectedAt);
    }

    private Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Program, arguments)
        {
            WorkingDirectory = _bench.Work,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(IsOurs).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in _bench.Variables)
            start.Environment[name] = value;
        start.Environment["CODEX_HOME"] = _simulation.Home;
        start.Environment["CODEX_COMPANION_CODEX"] = Program;
        return Process.Start(start)!;
    }

    // Whatever session the tests run in, the tool must not see it.
    private static bool IsOurs(string name) =>
        new[] { "CLAUDE", "CODEX_", "XDG_" }.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    private Task UntilTurnRunsAsync() => UntilAsync(() => _bench.Store.ListJobs() is [{ } job] && _bench.Store.ReadJob(job.Id).Value is { TurnId: not null });

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!condition())
            await Task.Delay(20, limit.Token);
    }

    private static async Task<(int ExitCode, string Out, string Error)> EndAsync(Process process)
    {
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        return (process.ExitCode, await output, await error);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);
}
