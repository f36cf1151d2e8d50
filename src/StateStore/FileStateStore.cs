using System.Globalization;
using System.IO.Abstractions;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Jobs;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.StateStore;

/// <summary>The state of one workspace in files. Creating it touches nothing; reads create nothing.</summary>
public sealed partial class FileStateStore : IStateStore
{
    // Both are a few hundred bytes; a mebibyte leaves room for whatever later versions add.
    private const int LargestSmallFile = 1024 * 1024;

    // The lock is held for milliseconds, some hundred where the disk is slow and the machine overloaded. Twenty commands that begin at once want it
    // some six times each; on two loaded cores the last of them has waited for more than ten seconds (measured). Whoever holds it for longer
    // than this is stopped or stuck, and waiting on would not help.
    private static readonly TimeSpan StateLockLimit = TimeSpan.FromSeconds(30);

    // A reader answers without a repair that would have to wait for longer.
    private static readonly TimeSpan ReaderPatience = TimeSpan.FromSeconds(2);

    private const int Nobody = -1;

    private readonly IFileSystem _files;
    private readonly IProcessTable _processes;
    private readonly TimeProvider _time;
    private readonly INativeDisk _disk;
    private readonly StateFile _reader;
    private readonly AtomicFile _writer;
    private readonly Quarantine _quarantine;
    private readonly JobFiles _jobs;
    private readonly JobIndexFile _index;
    private readonly JobLog _log;
    private bool _created;
    private int _lockedBy = Nobody;

    /// <summary>Links the parts; does no input or output.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="workspace">The workspace.</param>
    /// <param name="paths">Where its state lies.</param>
    /// <param name="processes">Looks at processes.</param>
    /// <param name="time">The clock.</param>
    /// <param name="disk">The disk; null for the real one.</param>
    /// <param name="keptFinished">How many finished jobs the index keeps before older ones go into the archive.</param>
    public FileStateStore(
        IFileSystem files,
        Workspace workspace,
        StatePaths paths,
        IProcessTable processes,
        TimeProvider time,
        INativeDisk? disk = null,
        int keptFinished = JobIndexFile.KeptFinished)
    {
        Workspace = workspace;
        Paths = paths;
        _files = files;
        _processes = processes;
        _time = time;
        _disk = disk ?? NativeDisk.Instance;
        _reader = new StateFile(files, _disk);
        _writer = new AtomicFile(files, _disk);
        _quarantine = new Quarantine(files, _disk, paths.QuarantineDirectory, time);
        _jobs = new JobFiles(files, _disk, paths);
        _index = new JobIndexFile(files, _disk, paths, _jobs, _quarantine, keptFinished);
        _log = new JobLog(_disk, paths, time);
    }

    /// <inheritdoc/>
    public Workspace Workspace { get; }

    /// <inheritdoc/>
    public StatePaths Paths { get; }

    /// <inheritdoc/>
    public void EnsureCreated()
    {
        foreach (var folder in (ReadOnlySpan<string>)[
            Paths.Root, Paths.Directory, Paths.JobsDirectory, Paths.LocksDirectory, Paths.QuarantineDirectory, Paths.LogsDirectory])
        {
            if (PrivateDirectory.Ensure(_disk, folder) is { } sentence)
                throw new StateStoreException(StateFailure.Folder, sentence);
        }

        _created = true;
    }

    /// <inheritdoc/>
    public FileLock Lock(StateLock which) => new(Paths.LockFile(which), _disk, _processes, _time);

    /// <inheritdoc/>
    public FileLock InstanceLock(string instanceId) => new(Paths.InstanceLockFile(instanceId), _disk, _processes, _time);

    private void UnderLock(string purpose, Action write) => UnderLock(purpose, () =>
    {
        write();
        return true;
    });

    private T UnderLock<T>(string purpose, Func<T> write, TimeSpan? patience = null)
    {
        // A change that looks at other jobs may find the index in need of a repair: that belongs to the same writing, and must not wait for itself.
        if (_lockedBy == Environment.CurrentManagedThreadId)
            return Translating(purpose, write);
        if (!_created)
            EnsureCreated(); // Once: a state directory that is deleted under a running process is not brought back behind its back.
        var stateLock = new QueuedLock(Lock(StateLock.State), Paths.StateQueueFile, _disk, _time);
        var limit = patience ?? StateLockLimit;
        switch (stateLock.Acquire(purpose, limit))
        {
            case LockAttempt.Acquired acquired:
                using (acquired.Lock)
                    return AsHolder(() => Translating(purpose, write));
            case LockAttempt.Held held:
                throw new StateStoreException(StateFailure.LockTimeout, HeldSentence(held.Holder, limit));
            case LockAttempt.Unusable unusable:
                throw new StateStoreException(StateFailure.LockUnusable, unusable.Reason);
            case var other:
                throw new InvalidOperationException($"Unknown lock attempt {other}.");
        }
    }

    private T AsHolder<T>(Func<T> write)
    {
        _lockedBy = Environment.CurrentManagedThreadId;
        try
        {
            return write();
        }
        finally
        {
            _lockedBy = Nobody;
        }
    }

    // Nothing was ever recorded: a read-change-write has nothing to change, and leaves no folders behind.
    private bool IsEmpty => !_created && !_files.Directory.Exists(Paths.Directory);

    private T Translating<T>(string purpose, Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StateStoreException(StateFailure.Disk, $"Could not {purpose} in {Paths.Directory}: {DiskRefusal.Of(e)}", e);
        }
    }

    private static string HeldSentence(LockHolder? holder, TimeSpan limit) => string.Create(
        CultureInfo.InvariantCulture,
        $"The state lock was held by {(holder is null ? "another process" : $"process {holder.Process.Pid} ({holder.Purpose})")} for more than {limit.TotalSeconds:0.#} s.");

    private static StateStoreException Refused<T>(string path, StateRead<T> read)
        where T : class
    {
        var failure = read.Kind switch
        {
            StateReadKind.TooNew => StateFailure.TooNew,
            StateReadKind.Corrupt => StateFailure.Corrupt,
            _ => StateFailure.Disk,
        };
        return new StateStoreException(failure, $"{read.Detail} It was left as it is: {path}");
    }
}
