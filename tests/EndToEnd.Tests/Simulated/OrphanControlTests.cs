using System.Globalization;
using CodexCompanion.EndToEnd.Tests.Harness;
using CodexCompanion.EndToEnd.Tests.Tool;

namespace CodexCompanion.EndToEnd.Tests.Simulated;

/// <summary>Whatever is killed by SIGKILL, nothing it had started lives on.</summary>
public sealed class OrphanControlTests
{
    // "Within seconds"; a loaded machine gets more before a test fails over it.
    private static readonly TimeSpan Seconds = TimeSpan.FromSeconds(20);

    // Tells this test's processes from every other's.
    private readonly string _seconds = (200_000 + Random.Shared.Next(100_000)).ToString(CultureInfo.InvariantCulture);

    [LinuxFact]
    public async Task With_the_broker_killed_its_app_server_ends_by_itself_and_the_next_command_works()
    {
        await using var user = new SimulatedUser();
        await user.TaskAsync("hello");
        var broker = await user.BrokerAsync();

        Signals.Send(broker.Pid, Signal.Kill);

        await Eventually.TrueAsync(() => !ProcessTable.Lives(broker.AppServerPid), "the app-server has gone with its broker", Seconds);
        Assert.Equal("here again", (await user.TaskAsync("sim: reply \"here again\"")).RawOutput);
    }

    [LinuxFact]
    public async Task With_the_app_server_killed_the_broker_ends_what_it_had_started_also_what_hides()
    {
        await using var user = new SimulatedUser(new(StringComparer.Ordinal) { ["CODEX_COMPANION_NO_RECOVERY"] = "1" });

        // One in a session of its own, and one that besides dropped its environment and has no parent any more.
        await using var task = user.Start(
            "task", "--json", $"sim: run setsid sleep {_seconds} & (setsid env -i sleep {_seconds}1 &) ; touch began; wait");
        await ToolUser.WhileRunningAsync(task, () => File.Exists(user.Home.InWorkspace("began")) && Sleepers().Count == 2, "its commands run");
        var broker = await user.BrokerAsync();

        Signals.Send(broker.AppServerPid, Signal.Kill);

        await Eventually.TrueAsync(() => Sleepers().Count == 0, "its commands have ended", Seconds);
        Assert.Equal(7, (await task.EndAsync()).ExitCode);
        Assert.True(ProcessTable.Lives(broker.Pid));
        Assert.Equal("here again", (await user.TaskAsync("sim: reply \"here again\"")).RawOutput);
    }

    [LinuxFact]
    public async Task With_both_killed_at_once_the_next_command_ends_what_they_had_started()
    {
        await using var user = new SimulatedUser(new(StringComparer.Ordinal) { ["CODEX_COMPANION_NO_RECOVERY"] = "1" });
        await using var task = user.Start("task", "--json", $"sim: run setsid sleep {_seconds} & touch began; wait");
        await ToolUser.WhileRunningAsync(task, () => File.Exists(user.Home.InWorkspace("began")) && Sleepers().Count == 1, "its command runs");
        var broker = await user.BrokerAsync();

        Signals.Send(broker.Pid, Signal.Kill);
        Signals.Send(broker.AppServerPid, Signal.Kill);
        await task.EndAsync();
        Assert.Equal("here again", (await user.TaskAsync("sim: reply \"here again\"")).RawOutput);

        await Eventually.TrueAsync(() => Sleepers().Count == 0, "its command has ended", Seconds);
    }

    private IReadOnlyList<SeenProcess> Sleepers() =>
        [.. ProcessTable.WithCommandLine("sleep " + _seconds).Where(p => p.CommandLine.StartsWith("sleep", StringComparison.Ordinal))];
}
