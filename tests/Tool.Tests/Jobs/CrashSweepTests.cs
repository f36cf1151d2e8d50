using System.Runtime.Versioning;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using Xunit;

namespace CodexCompanion.Tool.Tests.Jobs;

/// <summary>
/// A command, a worker or a broker that is killed just before each thing it changes in the state, or whose disk is full from there on: whatever was
/// given to it is in one state afterwards, is told truly, had its effect at most once, and keeps nothing from going on.
/// </summary>
[UnsupportedOSPlatform("windows")]
public abstract class CrashSweepTests(string role, params string[] options)
{
    private const string Effect = "swept";

    private const int Killed = 137; // 128 + SIGKILL

    private static readonly string[] Reasons = ["No space left", "was ended by signal 9 (SIGKILL) before it had the job"];

    [Fact]
    public Task Killed_before_any_change() => SweepAsync("killed");

    [Fact]
    public Task Without_space_from_any_change_on() => SweepAsync("full", stride: 2); // Every single one is taken by the store's own tests.

    private async Task SweepAsync(string fault, int stride = 1)
    {
        if (OperatingSystem.IsWindows())
            return;
        var point = 1 - stride;
        for (var fired = true; fired;)
        {
            point += stride;
            using var bench = new JobProcessBench(broker: role == "broker");
            var mark = Path.Combine(bench.Tool.Root, "mark");
            string[] dying = [JobProcessBench.Built("companion-dying-tool"), role, fault, $"{point}", mark];
            bench.Command = dying;
            var launched = await bench.RunAsync(["task", .. options, "--write", $"sim: edit {Effect} {Effect}\nsim: reply done"]);
            bench.Command = [JobProcessBench.Program];
            await bench.RunAsync("wait", "--timeout", "30s");
            if (role == "broker")
            {
                bench.Command = dying; // What a broker changes when it ends counts, too.
                await bench.RunAsync("broker", "stop");
                bench.Command = [JobProcessBench.Program];
            }

            fired = File.Exists(mark);
            await AssertSoundAsync(bench, launched, $"{role} {fault} at {point} ({(fired ? File.ReadAllText(mark) : "not")})");
        }

        Assert.True(point > 1, "It never happened.");
    }

    private static async Task AssertSoundAsync(JobProcessBench bench, ProcessEnd launched, string when)
    {
        var said = $"{when}: {launched.ExitCode} {launched.Out}{launched.Error}";
        Assert.True(launched.ExitCode is 0 or Killed || Reasons.Any(reason => launched.Error.Contains(reason, StringComparison.Ordinal)), said);
        Assert.DoesNotContain("   at ", launched.Error, StringComparison.Ordinal);

        // One job at most, the same in the index and in its file, and ended: its worker was waited for, or is dead.
        var store = bench.Store;
        var listed = Directory.Exists(store.Paths.Directory) ? store.ListJobs() : [];
        Assert.True(listed.Count <= 1, said);
        Assert.True(launched.ExitCode != 0 || listed.Count == 1, said);
        foreach (var entry in listed)
        {
            Assert.True(entry.IsFinished, $"{said}: {entry.Status}");
            Assert.Equal((when, entry.Status), (when, store.ReadJob(entry.Id).Value?.Status ?? JobStatus.Failed));
            Assert.True(entry.Process is not { } worker || new ProcessTable().Look(worker) != ProcessPresence.Same, said);
        }

        var effects = bench.Simulation.Journal.EditCount(Effect);
        Assert.True(effects <= listed.Count, $"{said}: {effects} times, {listed.Count} recorded");
        Assert.True(effects == 1 || listed is not [{ Status: JobStatus.Completed }], $"{said}: completed, and nothing was done");

        var next = await bench.RunAsync("task", "--write", "--exclusive", "sim: reply next");
        Assert.Equal((when, 0, "next\n"), (when, next.ExitCode, next.Out));
    }
}

/// <inheritdoc/>
[UnsupportedOSPlatform("windows")]
public sealed class ForegroundCrashTests() : CrashSweepTests("command");

/// <inheritdoc/>
[UnsupportedOSPlatform("windows")]
public sealed class LauncherCrashTests() : CrashSweepTests("command", "--background");

/// <inheritdoc/>
[UnsupportedOSPlatform("windows")]
public sealed class WorkerCrashTests() : CrashSweepTests("job-worker", "--background");

/// <inheritdoc/>
[UnsupportedOSPlatform("windows")]
public sealed class BrokerCrashTests() : CrashSweepTests("broker", "--background");
