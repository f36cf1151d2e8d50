using System.IO.Abstractions;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Jobs;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.StateStore.Repairs;

/// <summary>
/// What only a repair may do to a workspace's state. There is one only while the state lock is held (<see cref="IStateStore.Repair{T}"/>), so
/// evidence that is looked at again here stays true until the repair is done. Each step is durable and atomic.
/// </summary>
/// <remarks>Failures of the disk are IOException or UnauthorizedAccessException; the store makes them a
/// <see cref="StateStoreException"/>.</remarks>
public sealed class StateRepairs
{
    // What is kept as a copy is read whole; anything larger is moved instead.
    private const int LargestCopy = 64 * 1024 * 1024;

    private readonly IFileSystem _files;
    private readonly INativeDisk _disk;
    private readonly Quarantine _quarantine;
    private readonly JobFiles _jobs;
    private readonly JobIndexFile _index;
    private readonly StateFile _reader;
    private readonly AtomicFile _writer;

    internal StateRepairs(IFileSystem files, INativeDisk disk, Quarantine quarantine, JobFiles jobs, JobIndexFile index)
    {
        _files = files;
        _disk = disk;
        _quarantine = quarantine;
        _jobs = jobs;
        _index = index;
        _reader = new StateFile(files, disk);
        _writer = new AtomicFile(files, disk);
    }

    /// <summary>The name something would get in the quarantine. Nobody else takes it while the lock is held.</summary>
    public string QuarantineName(string path) => _quarantine.FreeName(path);

    /// <summary>Moves whatever lies at a path (a folder, a pipe, too) to a name in the quarantine.</summary>
    /// <returns>Whether anything was there.</returns>
    public bool SetAside(string path, string name) => _quarantine.Move(path, name);

    /// <summary>Puts a copy of a file under a name in the quarantine, for one whose replacement follows.</summary>
    /// <returns>Whether it was copied; false when there is no readable regular file.</returns>
    public bool KeepCopy(string path, string name)
    {
        if (_reader.ReadBytes(path, LargestCopy).Value is not { } content)
            return false;
        _writer.Write(name, content);
        return true;
    }

    /// <summary>What the index says of a job; a damaged one is read as far as it can be. Null when it says nothing.</summary>
    public JobRecord? IndexEntryOf(string jobId) => _index.EntryOf(jobId);

    /// <summary>Writes a job's record as it is given, whatever stood there before.</summary>
    public void WriteJob(JobRecord job) => _writer.Write([_jobs.ContentOf(job)]);

    /// <summary>
    /// Makes the index anew from the job files, and from what can be read of the old one where a job has no file. The old one goes to the
    /// quarantine under the given name.
    /// </summary>
    /// <returns>Whether it was done; false for an index of a later version, or one we may not read.</returns>
    public bool RebuildIndex(string name) => _index.Rebuild(name);

    /// <summary>Removes a file for good: a temporary one, the lock of something that has ended.</summary>
    public void Remove(string path)
    {
        _files.File.Delete(path);
        _disk.SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Brings back what was set aside. What stands in its place by now is set aside in turn.</summary>
    /// <returns>Whether it was there to bring back.</returns>
    public bool BringBack(string name, string path)
    {
        if (_disk.Look(name) is null)
            return false;
        _quarantine.Move(path);
        return _quarantine.BringBack(name, path);
    }
}
