using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.TestProcesses;

/// <summary>Locks seen from another process.</summary>
internal static class LockCommands
{
    /// <summary>Takes a lock, says "held", and keeps it until its standard input ends. Else says what stood in the way.</summary>
    public static async Task<int> Hold(string path)
    {
        switch (Lock(path).TryAcquire("test"))
        {
            case LockAttempt.Acquired acquired:
                await Console.Out.WriteLineAsync("held");
                await Console.In.ReadToEndAsync();
                acquired.Lock.Dispose();
                return 0;
            case LockAttempt.Held held:
                await Console.Out.WriteLineAsync($"refused {held.Holder?.Process.Pid}");
                return 1;
            case LockAttempt.Unusable unusable:
                await Console.Out.WriteLineAsync($"unusable {unusable.Reason}");
                return 1;
            default:
                return 2;
        }
    }

    /// <summary>Prints what a probe finds.</summary>
    public static int Probe(string path)
    {
        Console.Out.WriteLine(Lock(path).Probe().State);
        return 0;
    }

    private static FileLock Lock(string path) => new(path, NativeDisk.Instance, new ProcessTable(), TimeProvider.System);
}
