using System.Globalization;
using System.IO.Abstractions;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.TestProcesses;

/// <summary>Writers of job records.</summary>
internal static class JobCommands
{
    /// <summary>Adds one to the number in a job's summary, again and again, and records a few jobs of its own in between.</summary>
    public static int Update(string root, string workspace, string jobId, int count)
    {
        var store = Store(root, workspace, new FileSystem(), NativeDisk.Instance);
        for (var i = 0; i < count; i++)
        {
            store.UpdateJob(jobId, job => job with { Summary = Next(job.Summary) });
            if (i % 10 == 0)
                store.CreateJob(new JobRecord { Id = JobIds.NewTaskId(), Status = JobStatus.Completed });
        }

        return 0;
    }

    /// <summary>Appends numbered lines to a job's log.</summary>
    public static int AppendLog(string root, string workspace, string jobId, int count)
    {
        var store = Store(root, workspace, new FileSystem(), NativeDisk.Instance);
        for (var i = 0; i < count; i++)
            store.AppendJobLog(jobId, $"{Environment.ProcessId} {i} {new string('x', 200)}");
        return 0;
    }

    /// <summary>Performs an action, and is killed by SIGKILL at the n-th thing it does to the disk. Exits 0 when there are fewer.</summary>
    public static int DieAt(int operation, string root, string workspace, string jobId, string action)
    {
        // The disk looks the same after one thing and before the next; dying once between the two is enough.
        var faults = new FaultPlan(operation, _ => KillMyself(), point => !point.StartsWith("after", StringComparison.Ordinal));
        var store = Store(root, workspace, new FaultyFileSystem(faults), new FaultyDisk(NativeDisk.Instance, faults), JobActions.KeptFinished);
        JobActions.Perform(store, jobId, action);
        return 0;
    }

    private static FileStateStore Store(string root, string workspace, IFileSystem files, INativeDisk disk, int keptFinished = 100)
    {
        var resolved = Workspace.Resolve(workspace);
        return new FileStateStore(files, resolved, StatePaths.For(root, resolved), new ProcessTable(), TimeProvider.System, disk, keptFinished);
    }

    private static string Next(string? number) =>
        (int.Parse(number ?? "0", CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture);

    private static void KillMyself()
    {
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        self.Kill();
        self.WaitForExit(); // The signal is on its way.
    }
}
