using System.Runtime.Versioning;
using System.Text;
using CodexCompanion.Pipeline.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Processes;

[SupportedOSPlatform("linux")]
public sealed class ProcessTreeTests
{
    // A parent with a child in a session of its own, which has one that dropped the environment in another.
    private const string Family = "setsid sh -c 'env -i setsid sleep 600 & exec sleep 601' & exec sleep 602";

    private readonly ProcessTree _tree = new(Child.Table);
    private readonly ProcessEnder _ender = new(Child.Table, TimeProvider.System);

    [LinuxFact]
    public async Task Descendants_are_found_in_whatever_session_they_are()
    {
        using var child = Child.Start(Child.Shell(Family));
        await Wait.UntilAsync(() => Commands(_tree.DescendantsOf(child.Pid)) == "sleep sleep", "both descendants run");
        await EndAsync(child, _tree.DescendantsOf(child.Pid));
    }

    [LinuxFact]
    public async Task Marked_processes_are_found_with_what_descends_from_them()
    {
        var mark = Child.UniqueMark();
        using var child = Child.Start(Child.Shell(Family, Child.With("MARK", mark)));
        await Wait.UntilAsync(() => Commands(_tree.Marked("MARK", mark)) == "sleep sleep sleep", "all three run");
        Assert.Contains(_tree.Marked("MARK", mark), p => p.Identity == child.Identity);
        Assert.Empty(_tree.Marked("MARK", mark[..^1]));
        Assert.Empty(_tree.Marked("ARK", mark));
        Assert.Equal(3, _tree.MarkedByPrefix("MARK", mark[..^1]).Count);
        await EndAsync(child, _tree.Marked("MARK", mark));
    }

    [LinuxFact]
    public async Task Marked_processes_are_found_after_their_parent_died()
    {
        var mark = Child.UniqueMark();
        using var child = Child.Start(Child.Shell("setsid sleep 600 & exec sleep 601", Child.With("MARK", mark)));
        await Wait.UntilAsync(() => Commands(_tree.Marked("MARK", mark)) == "sleep sleep", "both run");
        child.Kill();
        await child.Exited.WaitAsync(Wait.Limit);
        var orphan = Assert.Single(_tree.Marked("MARK", mark));
        Assert.Empty(await _ender.EndAsync([orphan], Wait.Limit));
        Assert.Empty(_tree.Marked("MARK", mark));
    }

    [LinuxFact]
    public void Neither_this_process_nor_one_above_it_is_ever_found()
    {
        // PATH is in the environment of this very process, and most likely in that of those above it.
        var path = Environment.GetEnvironmentVariable("PATH")!;
        var found = _tree.Marked("PATH", path);
        Assert.DoesNotContain(found, p => p.Identity.Pid == Environment.ProcessId);
        for (var pid = Environment.ProcessId; pid > 1; pid = ParentOf(pid))
            Assert.DoesNotContain(found, p => p.Identity.Pid == pid);
    }

    [LinuxTheory]
    [InlineData("42 (sh) S 7 42 42 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 12345 0", 7, "sh", false, "12345")]
    [InlineData("42 (a b) c) Z 7 42 42 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 12345", 7, "a b) c", true, "12345")]
    public void A_line_of_proc_is_read_whatever_the_name_holds(string line, int parent, string command, bool ended, string startTime) =>
        Assert.Equal(new ProcessEntry(42, parent, command, ended, startTime), LinuxProcesses.Parse(42, Encoding.UTF8.GetBytes(line)));

    [LinuxTheory]
    [InlineData("")]
    [InlineData("42 (sh")]
    [InlineData("42 (sh)")]
    [InlineData("42 (sh) S x")]
    public void What_is_no_line_of_proc_is_no_process(string line) =>
        Assert.Null(LinuxProcesses.Parse(42, Encoding.UTF8.GetBytes(line)));

    // What counts: the state, the flags and, at the end, where the environment ends.
    [LinuxTheory]
    [InlineData("R", "4194304", "0", true)]
    [InlineData("S", "4194304", "140735", false)]
    [InlineData("Z", "4194304", "0", false)]
    [InlineData("I", "69238880", "0", false)] // A thread of the kernel.
    public void A_program_in_the_middle_of_its_start_is_told_from_one_without_an_environment(string state, string flags, string end, bool starts)
    {
        var line = $"42 (a) b) {state} 7 42 42 0 -1 {flags} {string.Concat(Enumerable.Repeat("1 ", 41))}{end} 0\n";
        Assert.Equal(starts, LinuxProcesses.IsBeingStarted(Encoding.UTF8.GetBytes(line)));
    }

    [LinuxTheory]
    [InlineData("  501   1 S+   /usr/sbin/some thing", 501, 1, "some thing", false)]
    [InlineData("  502 501 Z    (codex)", 502, 501, "(codex)", true)]
    public void A_line_of_ps_is_read(string line, int pid, int parent, string command, bool ended) =>
        Assert.Equal(new ProcessEntry(pid, parent, command, ended, StartTime: null), PsProcesses.Parse(line));

    [LinuxTheory]
    [InlineData("SigIgn:\t0000000000011000", true)]
    [InlineData("SigIgn:\t0000000000001000", false)]
    [InlineData("SigCgt:\t0000000000011000", false)]
    [InlineData("SigIgn:\tx", false)]
    public void Ignored_signals_are_read_from_the_status(string line, bool ignored) =>
        Assert.Equal(ignored, LinuxSignals.IsIn(["Name:\tsh", line], LinuxSignals.ChildEnded));

    [LinuxFact]
    public void What_is_no_line_of_ps_is_no_process() => Assert.Null(PsProcesses.Parse("PID PPID STAT COMM"));

    private static string Commands(IEnumerable<FoundProcess> found) => string.Join(' ', found.Select(p => p.Command));

    private static int ParentOf(int pid) => LinuxProcesses.List().Find(e => e.Pid == pid).ParentPid;

    private async Task EndAsync(ChildProcess child, IReadOnlyList<FoundProcess> others)
    {
        child.Kill();
        Assert.Empty(await _ender.EndAsync(others, Wait.Limit));
        await child.Exited.WaitAsync(Wait.Limit);
    }
}
