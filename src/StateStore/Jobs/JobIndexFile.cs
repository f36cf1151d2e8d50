using System.IO.Abstractions;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.StateStore.Jobs;

/// <summary>The index file: read without a lock, changed and rebuilt under the state lock, which its callers hold.</summary>
internal sealed class JobIndexFile(IFileSystem files, INativeDisk disk, StatePaths paths, JobFiles jobs, Quarantine quarantine)
{
    // Some 2 KiB an entry: more than thirty thousand jobs.
    private const int Largest = 64 * 1024 * 1024;

    private readonly StateFile _reader = new(files, disk);
    private readonly AtomicFile _writer = new(files, disk);

    /// <summary>Reads it as it is.</summary>
    public StateRead<JobIndex> Read() => _reader.Read(paths.IndexFile, Largest, JobIndex.CurrentVersion, JobIndexFormat.Instance);

    /// <summary>What it says of one job, as far as it can be read at all; null when it says nothing.</summary>
    public JobRecord? EntryOf(string jobId)
    {
        var read = Read();
        var index = read.Kind == StateReadKind.Corrupt ? IndexSalvage.From(_reader.ReadBytes(paths.IndexFile, Largest).Value ?? []) : read.Value;
        return index?.Jobs.FirstOrDefault(job => job.Id == jobId);
    }

    /// <summary>An index made of the job files alone, in memory.</summary>
    public JobIndex FromJobFiles(JobIndex? kept = null)
    {
        var entries = (kept?.Jobs ?? []).ToDictionary(job => job.Id, StringComparer.Ordinal);
        foreach (var job in jobs.All())
            entries[job.Id] = JobIndex.EntryOf(job);
        return new JobIndex { Config = kept?.Config, Jobs = JobIndex.Sorted(entries.Values) };
    }

    /// <summary>The file as it is to be when one job has changed.</summary>
    /// <param name="config">The settings to mirror; null keeps those the index has.</param>
    /// <param name="changed">The job.</param>
    /// <returns>None when it is to be left untouched.</returns>
    public IEnumerable<FileContent> ContentWith(WorkspaceConfig? config, JobRecord changed) =>
        Changed(config, index => index.With(changed)) is { } after ? [ContentOf(after)] : [];

    /// <summary>
    /// Changes it. A damaged one is set aside and rebuilt first. One of a later version, or one we may not read, is left untouched: the
    /// job files are the truth and go on without it.
    /// </summary>
    /// <param name="config">The settings to mirror; null keeps those the index has.</param>
    /// <param name="change">What to do to it.</param>
    /// <returns>The index as it stands; null when it was left untouched.</returns>
    public JobIndex? Update(WorkspaceConfig? config, Func<JobIndex, JobIndex> change)
    {
        var after = Changed(config, change);
        if (after is not null)
            _writer.Write([ContentOf(after)]);
        return after;
    }

    /// <summary>Makes it anew from the job files; what it says of jobs without a file stays. The old one is kept under a name in the
    /// quarantine.</summary>
    /// <returns>Whether it was done; not for one of a later version or one we may not read.</returns>
    public bool Rebuild(string keptAs)
    {
        var read = Read();
        if (read.Kind is StateReadKind.TooNew or StateReadKind.Unreadable)
            return false;
        var bytes = read.Kind == StateReadKind.Missing ? null : _reader.ReadBytes(paths.IndexFile, Largest).Value;
        if (bytes is not null)
            _writer.Write(keptAs, bytes);
        else
            quarantine.Move(paths.IndexFile, keptAs); // Nothing there, not a file, or far too large: nothing in it can be kept.

        var kept = read.Value ?? IndexSalvage.From(bytes ?? []);
        var one = kept with { Jobs = [.. kept.Jobs.Where(job => JobIds.IsValid(job.Id)).DistinctBy(job => job.Id, StringComparer.Ordinal)] };
        var after = kept with { Version = JobIndex.CurrentVersion, Jobs = FromJobFiles(one).Jobs };
        _writer.Write([ContentOf(after)]);
        return true;
    }

    private JobIndex? Changed(WorkspaceConfig? config, Func<JobIndex, JobIndex> change)
    {
        var read = Read();
        JobIndex before;
        switch (read.Kind)
        {
            case StateReadKind.Ok:
                before = read.Value!;
                break;
            case StateReadKind.Missing:
                before = FromJobFiles();
                break;
            case StateReadKind.Corrupt:
                before = SetAside();
                break;
            default:
                return null;
        }

        var after = change(before) with { Version = JobIndex.CurrentVersion };
        return after with { Config = config ?? after.Config };
    }

    private FileContent ContentOf(JobIndex index) => new(paths.IndexFile, JobIndexFormat.Instance.ToBytes(index, indented: true));

    private JobIndex SetAside()
    {
        var bytes = _reader.ReadBytes(paths.IndexFile, Largest).Value;
        if (bytes is null)
        {
            quarantine.Move(paths.IndexFile); // Not a file, or far too large: nothing in it can be kept.
            return FromJobFiles();
        }

        quarantine.Copy(paths.IndexFile, bytes);
        return FromJobFiles(IndexSalvage.From(bytes));
    }
}
