using System.Text;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>
/// Lets app-servers of one CODEX_HOME start one after the other, over all workspaces: each of them opens and may upgrade the same
/// databases there. A courtesy: who does not get the lock in time starts all the same.
/// </summary>
/// <param name="directory">Folder of the locks, shared by all workspaces.</param>
/// <param name="disk">The disk.</param>
/// <param name="processes">Names the holder.</param>
/// <param name="time">The clock.</param>
public sealed class CodexHomeLock(string directory, INativeDisk disk, IProcessTable processes, TimeProvider time)
{
    // Hex digits of the hash that name the lock: 64 bits are enough for the handful of homes a user has.
    private const int NameLength = 16;

    /// <summary>Waits for the turn of this home.</summary>
    /// <param name="environment">Tells which home.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The lock; null when it could not be had.</returns>
    public async Task<HeldLock?> WaitAsync(
        IReadOnlyDictionary<string, string> environment, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (CodexHome.Resolve(environment) is not { } home || !TryPrepare())
            return null;
        var name = Convert.ToHexStringLower(Sha256.Hash(Encoding.UTF8.GetBytes(home)))[..NameLength];
        var file = new FileLock(Path.Combine(directory, $"codex-home-{name}.lock"), disk, processes, time);
        return await file.AcquireAsync("start an app-server", limit, cancellationToken) is LockAttempt.Acquired acquired ? acquired.Lock : null;
    }

    private bool TryPrepare()
    {
        try
        {
            disk.CreatePrivateDirectory(directory);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // Whoever needs the state root for more than this says what is wrong with it.
        }
    }
}
