using System.Diagnostics;
using System.Runtime.Versioning;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.StateStore.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Processes;

[SupportedOSPlatform("linux")]
public sealed class ProcessEnderTests
{
    private readonly ProcessTree _tree = new(Child.Table);
    private readonly ProcessEnder _ender = new(Child.Table, TimeProvider.System);

    [LinuxFact]
    public async Task A_process_gets_the_chance_to_end_politely()
    {
        using var child = Child.Start(Child.Shell("trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done"));
        await ReadLineAsync(child);
        Assert.Empty(await _ender.EndAsync([Found(child)], Wait.Limit, politeness: Wait.Limit));
        Assert.Equal(5, (await child.Exited.WaitAsync(Wait.Limit)).Code);
    }

    [LinuxFact]
    public async Task A_process_that_ignores_the_request_is_killed()
    {
        using var child = Child.Start(Child.Shell("trap '' TERM; echo ready; while :; do sleep 0.05; done"));
        await ReadLineAsync(child);
        Assert.Empty(await _ender.EndAsync([Found(child)], Wait.Limit));
        Assert.Equal(9, (await child.Exited.WaitAsync(Wait.Limit)).Signal);
    }

    [LinuxFact]
    public async Task A_stopped_process_is_killed()
    {
        using var child = Child.Start(Child.Shell("kill -STOP $$"));
        await Wait.UntilAsync(() => File.ReadAllText($"/proc/{child.Pid}/stat").Contains(") T ", StringComparison.Ordinal), "it stopped");
        Assert.Empty(await _ender.EndAsync([Found(child)], Wait.Limit));
        Assert.Equal(9, (await child.Exited.WaitAsync(Wait.Limit)).Signal);
    }

    [LinuxFact]
    public async Task A_process_that_merely_has_the_PID_is_not_touched()
    {
        using var child = Child.Start(Child.Shell("echo ready; read line"));
        await ReadLineAsync(child);
        var former = Found(child) with { Identity = child.Identity! with { StartTime = "1" } };
        Assert.Empty(await _ender.EndAsync([former], TimeSpan.FromSeconds(2)));
        Assert.False(ProcessSignal.Send(Child.Table, former.Identity, EndingSignal.Kill));
        child.EndInput();
        Assert.Equal("exited with code 1", (await child.Exited.WaitAsync(Wait.Limit)).Description); // By its own end: read found none.
    }

    [LinuxFact]
    public async Task What_cannot_be_looked_at_is_not_touched_and_not_called_gone()
    {
        using var child = Child.Start(Child.Shell("echo ready; read line"));
        await ReadLineAsync(child);
        var elsewhere = Found(child) with { Identity = child.Identity! with { PidNamespace = "pid:[1]" } };
        var clock = Stopwatch.StartNew();
        Assert.Equal([elsewhere], await _ender.EndAsync([elsewhere], TimeSpan.FromMilliseconds(300)));
        Assert.InRange(clock.Elapsed, TimeSpan.FromMilliseconds(290), Wait.Limit);
        child.EndInput();
        Assert.Equal(1, (await child.Exited.WaitAsync(Wait.Limit)).Code);
    }

    [LinuxFact]
    public async Task What_starts_while_it_is_ended_is_ended_too()
    {
        var mark = Child.UniqueMark();

        // Each TERM starts another one.
        using var child = Child.Start(Child.Shell(
            "trap 'setsid sleep 600 & exit' TERM; echo ready; while :; do sleep 0.05; done", Child.With("MARK", mark)));
        await ReadLineAsync(child);
        Assert.Empty(await _ender.EndAsync(() => _tree.Marked("MARK", mark), Wait.Limit));
        Assert.Empty(_tree.Marked("MARK", mark));
        await child.Exited.WaitAsync(Wait.Limit);
    }

    [LinuxFact]
    public async Task What_one_search_misses_is_found_by_the_next_before_all_is_called_gone()
    {
        using var first = Child.Start(Child.Shell("exec sleep 600"));
        using var late = Child.Start(Child.Shell("exec sleep 600"));
        var searches = 0;
        IReadOnlyList<FoundProcess> Search() => ++searches switch
        {
            1 => [Found(first)],
            2 => [], // It has begun to start by now.
            _ => _ender.LivingOf([Found(first), Found(late)]),
        };
        Assert.Empty(await _ender.EndAsync(Search, Wait.Limit));
        Assert.Equal(15, (await late.Exited.WaitAsync(Wait.Limit)).Signal);
    }

    [LinuxFact]
    public async Task A_turns_processes_are_ended_by_the_jobs_mark_and_no_others()
    {
        var job = Child.UniqueMark();
        var processes = new TurnProcesses(_tree, _ender);
        using var command = Child.Start(Child.Shell("setsid sleep 600 & exec sleep 600", Child.With("CODEX_COMPANION_JOB", job)));
        using var other = Child.Start(Child.Shell("read line", Child.With("CODEX_COMPANION_JOB", job + "-other")));
        await Wait.UntilAsync(() => _tree.Marked("CODEX_COMPANION_JOB", job).Count == 2, "both processes of the job run");
        Assert.Empty(await processes.EndAsync(job, Wait.Limit));
        Assert.Empty(await processes.EndAsync("", Wait.Limit));
        await command.Exited.WaitAsync(Wait.Limit);
        Assert.Equal(ProcessPresence.Same, Child.Table.Look(other.Identity!));
        other.EndInput();
        Assert.Equal(1, (await other.Exited.WaitAsync(Wait.Limit)).Code);
    }

    private static FoundProcess Found(ChildProcess child) => new(child.Identity!, "sh");

    private static async Task ReadLineAsync(ChildProcess child)
    {
        var one = new byte[16];
        Assert.NotEqual(0, await child.Output.ReadAsync(one).AsTask().WaitAsync(Wait.Limit));
    }
}
