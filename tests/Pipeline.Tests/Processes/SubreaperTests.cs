using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using CodexCompanion.Pipeline.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Processes;

/// <summary>Collecting strangers' children would take those of tests that run at the same time.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class AloneCollection;

[Collection("alone")]
[SupportedOSPlatform("linux")]
public sealed partial class SubreaperTests : IDisposable
{
    private const int SetChildSubreaper = 36;

    [LinuxFact]
    public async Task Orphaned_descendants_become_ours_and_are_collected_and_our_own_children_are_not()
    {
        using var folder = new ScratchFolder();
        Assert.True(Subreaper.TryEnable());
        Assert.Equal(0, Subreaper.ReapAdopted());

        var script = $"(echo $(exec sh -c 'echo $PPID') > {folder["pid"]}; while [ ! -e {folder["go"]} ]; do sleep 0.02; done; exit 3) & exit 0";
        using var parent = Child.Start(Child.Shell(script));
        await parent.Exited.WaitAsync(Wait.Limit);
        await Wait.UntilAsync(() => File.Exists(folder["pid"]) && new FileInfo(folder["pid"]).Length > 1, "the orphan told its PID");
        var orphan = int.Parse(await File.ReadAllTextAsync(folder["pid"]), System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(Environment.ProcessId, Entry(orphan)!.Value.ParentPid);
        Assert.Equal(0, Subreaper.ReapAdopted()); // It lives.

        folder.Write("go", "");
        await Wait.UntilAsync(() => Entry(orphan) is { HasEnded: true }, "the orphan ended");
        using var own = Child.Start(Child.Shell("exit 9"));
        Assert.Equal(0, Subreaper.ReapAdopted(orphan));
        Assert.Equal(1, Subreaper.ReapAdopted());
        Assert.Null(Entry(orphan));
        Assert.Equal(9, (await own.Exited.WaitAsync(Wait.Limit)).Code);
    }

    public void Dispose() => StopReaping();

    internal static void StopReaping() => Prctl(SetChildSubreaper, 0, 0, 0, 0);

    private static ProcessEntry? Entry(int pid) =>
        LinuxProcesses.List().Where(e => e.Pid == pid).Cast<ProcessEntry?>().FirstOrDefault();

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Prctl(int option, nuint first, nuint second, nuint third, nuint fourth);
}
