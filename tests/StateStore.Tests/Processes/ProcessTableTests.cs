using System.Globalization;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Tests.Support;

namespace CodexCompanion.StateStore.Tests.Processes;

public sealed class ProcessTableTests
{
    private readonly ProcessTable _table = new();

    [Fact]
    public void This_process_runs_and_knows_itself()
    {
        Assert.Equal(_table.Self, _table.Identify(Environment.ProcessId));
        Assert.Equal(ProcessPresence.Same, _table.Look(_table.Self));
    }

    [Fact]
    public async Task A_child_is_the_same_until_it_dies()
    {
        using var child = new TestProcess("sleep");
        Assert.Equal("sleeping", await child.ReadLineAsync());
        var identity = _table.Identify(child.Id)!;
        Assert.Equal(ProcessPresence.Same, _table.Look(identity));
        Assert.Equal(ProcessPresence.Other, _table.Look(identity with { StartTime = identity.StartTime + "0" }));
        child.Kill();
        Assert.Equal(ProcessPresence.Gone, _table.Look(identity));
    }

    [Fact]
    public async Task A_zombie_is_gone()
    {
        if (!OperatingSystem.IsLinux())
            return;
        // The program that replaces the shell never collects the shell's child.
        using var parent = Shell.Start("/bin/sh", "-c", "sleep 0.05 & echo $!; exec sleep 60");
        try
        {
            var pid = int.Parse((await parent.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
            await Eventually.HoldsAsync(() => File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal));
            Assert.Null(_table.Identify(pid));
            Assert.Equal(ProcessPresence.Gone, _table.Look(new ProcessIdentity(pid, ProcStat.Parse(File.ReadAllText($"/proc/{pid}/stat"))!.StartTime, null, null)));
        }
        finally
        {
            parent.Kill();
            await parent.WaitForExitAsync();
        }
    }
}
