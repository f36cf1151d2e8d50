using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.Tool.CommandLine;

namespace CodexCompanion.Tool.Transfer;

/// <summary>
/// Lets transfers take place one after the other, over all workspaces: two of the same session at once would make two threads, and each would
/// rewrite Codex's one list of imports.
/// </summary>
internal static class TransferTurn
{
    // As long as an import may take, and a server to start: whoever waits longer waits for one that hangs.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    /// <summary>Waits for it.</summary>
    /// <param name="stateRoot">The state root.</param>
    /// <param name="processes">Names the holder.</param>
    /// <param name="time">The clock.</param>
    /// <returns>The turn; null with no error where locks do not work, and nobody can be kept out.</returns>
    public static async Task<(HeldLock? Turn, CommandError? Error)> WaitAsync(string stateRoot, IProcessTable processes, TimeProvider time)
    {
        var folder = Path.Combine(stateRoot, "locks");
        if (PrivateDirectory.Ensure(NativeDisk.Instance, stateRoot) is not null || PrivateDirectory.Ensure(NativeDisk.Instance, folder) is not null)
            return (null, null); // Whoever needs the state root for more than this says what is wrong with it.
        var attempt = await new FileLock(Path.Combine(folder, "transfer.lock"), NativeDisk.Instance, processes, time)
            .AcquireAsync("transfer a session", Limit, CancellationToken.None);
        return attempt switch
        {
            LockAttempt.Acquired acquired => (acquired.Lock, null),
            LockAttempt.Held held => (null, Busy(held.Holder)),
            _ => (null, null),
        };
    }

    private static CommandError Busy(LockHolder? holder) => new(
        "busy",
        $"Another transfer{(holder is null ? "" : $", process {holder.Process.Pid},")} has been going on for minutes.",
        "Wait for it or end it, then give the command again.",
        Retryable: true,
        ExitCodes.Busy);
}
