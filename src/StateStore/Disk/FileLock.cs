using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.StateStore.Disk;

/// <summary>
/// A lock between processes: a file opened for oneself alone. Freed by the system when its holder dies, not inherited by children, not
/// bound to a thread.
/// </summary>
public sealed class FileLock(string path, INativeDisk disk, IProcessTable processes, TimeProvider time)
{
    // Short enough that a lock held for milliseconds is got at once, long enough that twenty waiters cost nothing; the spread keeps
    // waiters from marching in step.
    private const int ShortestPauseMilliseconds = 2;
    private const int LongestPauseMilliseconds = 25;

    /// <summary>The lock file.</summary>
    public string Path { get; } = path;

    /// <summary>Tries at once. A probe by somebody else makes this fail, too: who must have the lock uses <see cref="AcquireAsync"/>.</summary>
    /// <param name="purpose">What for, in a few words; stands in the side file.</param>
    public LockAttempt TryAcquire(string purpose)
    {
        Stream? file = null;
        try
        {
            if (disk.Look(Path) is { Kind: not FileKind.Regular })
                return new LockAttempt.Unusable(NotAFile());
            file = disk.OpenExclusively(Path, create: true);
            if (file is null)
                return new LockAttempt.Held(LockHolderFile.Read(disk, Path));
            if (!disk.KeepsOthersOut(Path, file))
                return new LockAttempt.Unusable(DoNotWork());

            LockHolderFile.Write(disk, Path, new LockHolder(processes.Self, purpose, time.GetUtcNow()));
            var held = new HeldLock(Path, file);
            file = null;
            return new LockAttempt.Acquired(held);
        }
        catch (FileNotFoundException)
        {
            return new LockAttempt.Held(Holder: null); // Deleted under us: as good as somebody else's, and the next attempt makes it anew.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new LockAttempt.Unusable($"The lock file {Path} cannot be opened: {DiskRefusal.Of(e)}");
        }
        finally
        {
            file?.Dispose();
        }
    }

    /// <summary>Tries until the limit is over. Gives up at once where locks do not work.</summary>
    /// <param name="purpose">What for, in a few words.</param>
    /// <param name="limit">How long to try. A probe takes a lock for a moment, so who must have it allows a second.</param>
    /// <param name="cancellation">Ends the waiting with an <see cref="OperationCanceledException"/>.</param>
    public async Task<LockAttempt> AcquireAsync(string purpose, TimeSpan limit, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var attempt = TryAcquire(purpose);
            if (attempt is not LockAttempt.Held || time.GetElapsedTime(start) >= limit)
                return attempt;
            var pause = Random.Shared.Next(ShortestPauseMilliseconds, LongestPauseMilliseconds);
            await Task.Delay(TimeSpan.FromMilliseconds(pause), time, cancellation);
        }
    }

    /// <summary>Whether somebody holds it. To know, the file is opened for a moment as only a holder keeps others from opening it: two probes
    /// at once do not look like a holder to each other. Never creates the file.</summary>
    public LockProbe Probe()
    {
        try
        {
            var facts = disk.Look(Path);
            if (facts is null)
                return new LockProbe(LockState.Free, Holder: null, Reason: null);
            if (facts.Kind != FileKind.Regular)
                return new LockProbe(LockState.Unusable, Holder: null, NotAFile());
            using var file = disk.OpenShared(Path);
            if (file is null)
                return new LockProbe(LockState.Held, LockHolderFile.Read(disk, Path), Reason: null);
            return disk.KeepsOthersOut(Path, file, shared: true)
                ? new LockProbe(LockState.Free, Holder: null, Reason: null)
                : new LockProbe(LockState.Unusable, Holder: null, DoNotWork());
        }
        catch (FileNotFoundException)
        {
            return new LockProbe(LockState.Free, Holder: null, Reason: null); // Went away between the look and the opening.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new LockProbe(LockState.Unusable, Holder: null, $"The lock file {Path} cannot be opened: {DiskRefusal.Of(e)}");
        }
    }

    /// <summary>The name that a holder left who did not give the lock back; a living one's, too. Null when there is none.</summary>
    public LockHolder? ReadHolder() => LockHolderFile.Read(disk, Path);

    private string NotAFile() => $"The lock {Path} is not a regular file.";

    // On some file systems, and with DOTNET_SYSTEM_IO_DISABLEFILELOCKING=1, opening for oneself alone "succeeds" for everybody.
    private string DoNotWork() => $"Locks do not work in {System.IO.Path.GetDirectoryName(Path)}: two could hold {System.IO.Path.GetFileName(Path)} at once.";
}
