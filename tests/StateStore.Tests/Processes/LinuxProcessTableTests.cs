using System.Globalization;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Tests.Support;

namespace CodexCompanion.StateStore.Tests.Processes;

/// <summary>Against a procfs of our own making, which can show what the real one rarely does.</summary>
public sealed class LinuxProcessTableTests : IDisposable
{
    private const int Nobody = int.MaxValue; // Above the kernel's largest process id.

    private readonly TempFolder _proc = new();

    public LinuxProcessTableTests()
    {
        _proc.Folder("self", "ns");
        _proc.Folder("sys", "kernel", "random");
        File.WriteAllText(_proc["sys/kernel/random/boot_id"], "boot-1\n");
        File.CreateSymbolicLink(_proc["self/ns/pid"], "pid:[1]");
        File.WriteAllText(_proc["self/stat"], Stat(Environment.ProcessId, 'R', "100"));
    }

    private LinuxProcessTable Table => new(_proc.Path);

    public void Dispose() => _proc.Dispose();

    [Fact]
    public void Self_is_what_procfs_says() =>
        Assert.Equal(new ProcessIdentity(Environment.ProcessId, "100", "boot-1", "pid:[1]"), Table.Self);

    [Fact]
    public void The_same_start_time_is_the_same_process()
    {
        Runs(4711, 'S', "555");
        Assert.Equal(ProcessPresence.Same, Table.Look(new ProcessIdentity(4711, "555", "boot-1", "pid:[1]")));
        Assert.Equal(new ProcessIdentity(4711, "555", "boot-1", "pid:[1]"), Table.Identify(4711));
    }

    [Fact]
    public void A_reused_number_is_another_process()
    {
        Runs(4711, 'S', "556");
        Assert.Equal(ProcessPresence.Other, Table.Look(new ProcessIdentity(4711, "555", "boot-1", "pid:[1]")));
    }

    [Fact]
    public void A_zombie_is_gone()
    {
        Runs(4711, 'Z', "555");
        Assert.Equal(ProcessPresence.Gone, Table.Look(new ProcessIdentity(4711, "555", "boot-1", "pid:[1]")));
        Assert.Null(Table.Identify(4711));
    }

    [Fact]
    public void Another_boot_is_gone_even_if_number_and_time_are_the_same()
    {
        Runs(4711, 'S', "555");
        Assert.Equal(ProcessPresence.Gone, Table.Look(new ProcessIdentity(4711, "555", "boot-0", "pid:[2]")));
    }

    [Fact]
    public void Another_namespace_is_unknown_whatever_runs_here_under_that_number()
    {
        Assert.Equal(ProcessPresence.Unknown, Table.Look(new ProcessIdentity(Nobody, "555", "boot-1", "pid:[2]")));
        Runs(4711, 'S', "556");
        Assert.Equal(ProcessPresence.Unknown, Table.Look(new ProcessIdentity(4711, "555", "boot-1", "pid:[2]")));
    }

    [Theory]
    [InlineData(Nobody)]
    [InlineData(0)]
    [InlineData(-1)]
    public void No_such_process_is_gone(int pid)
    {
        Assert.Equal(ProcessPresence.Gone, Table.Look(new ProcessIdentity(pid, "555", "boot-1", "pid:[1]")));
        Assert.Null(Table.Identify(pid));
    }

    [Fact]
    public void A_process_that_procfs_hides_is_unknown()
    {
        // Process 1 always runs; this procfs does not list it, as with hidepid=2.
        Assert.Equal(ProcessPresence.Unknown, Table.Look(new ProcessIdentity(1, "1", "boot-1", "pid:[1]")));
    }

    [Fact]
    public void A_procfs_of_another_namespace_says_nothing_about_ours()
    {
        File.WriteAllText(_proc["self/stat"], Stat(Environment.ProcessId + 1, 'R', "100"));
        Runs(4711, 'S', "555");
        Assert.Equal(ProcessPresence.Unknown, Table.Look(new ProcessIdentity(4711, "555", "boot-1", "pid:[1]")));
        Assert.Null(Table.Identify(4711));
    }

    [Fact]
    public void A_record_without_a_start_time_proves_nothing_about_a_process_that_runs()
    {
        Runs(4711, 'S', "555");
        Assert.Equal(ProcessPresence.Unknown, Table.Look(new ProcessIdentity(4711, "", BootId: null, PidNamespace: null)));
    }

    private static string Stat(int pid, char state, string start) =>
        string.Create(CultureInfo.InvariantCulture, $"{pid} (some (odd) name) {state} 1 42 42 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 {start} 1000 2 3\n");

    private void Runs(int pid, char state, string start) => File.WriteAllText(Path.Combine(_proc.Folder($"{pid}"), "stat"), Stat(pid, state, start));
}
