using System.IO.Abstractions;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.StateStore.Jobs;

/// <summary>
/// The index file: read without a lock, changed and rebuilt under the state lock, which its callers hold. It has the unfinished jobs and the
/// newest finished ones; when it has twice as many of these as it keeps, the older ones move into the archive. So what a transition writes and
/// what <c>status</c> reads does not grow with all that ever was.
/// </summary>
/// <param name="files">The file system.</param>
/// <param name="disk">The disk.</param>
/// <param name="paths">Where it lies.</param>
/// <param name="jobs">The job files.</param>
/// <param name="quarantine">Takes what is set aside.</param>
/// <param name="keptFinished">How many finished jobs it keeps at least.</param>
internal sealed class JobIndexFile(IFileSystem files, INativeDisk disk, StatePaths paths, JobFiles jobs, Quarantine quarantine, int keptFinished)
{
    /// <summary>How many finished jobs the index keeps: five times what <c>status</c> shows, and what retention leaves of those that were collected.</summary>
    public const int KeptFinished = 50;

    // Some 2 KiB an entry: more than thirty thousand jobs.
    private const int Largest = 64 * 1024 * 1024;

    private readonly StateFile _reader = new(files, disk);
    private readonly AtomicFile _writer = new(files, disk);

    /// <summary>What it has outgrown.</summary>
    public JobArchive Archive { get; } = new(files, disk, paths);

    /// <summary>Reads it as it is.</summary>
    public StateRead<JobIndex> Read() => _reader.Read(paths.IndexFile, Largest, JobIndex.CurrentVersion, JobIndexFormat.Instance);

    /// <summary>The settings it mirrors; null when there are none, or it cannot be read.</summary>
    public WorkspaceConfig? Config => _reader.Read(paths.IndexFile, Largest, JobIndex.CurrentVersion, JobIndexFormat.WithoutJobs).Value?.Config;

    /// <summary>Reads it together with the archive. What stands in both is as the index has it.</summary>
    public StateRead<JobIndex> ReadWhole()
    {
        var read = Read();
        if (read.Value is not { } index)
            return read;
        var older = Archive.Read();
        return older switch
        {
            { Value: { } archive } => StateRead<JobIndex>.Ok(index with { Jobs = JobIndex.Merged(index.Jobs, archive.Jobs) }),
            { Kind: StateReadKind.Missing } when index.Archived == 0 => read,
            { Kind: StateReadKind.Missing } => StateRead<JobIndex>.Bad(StateReadKind.Corrupt, $"{Path.GetFileName(paths.ArchiveFile)} is missing, which had {index.Archived} jobs."),
            _ => StateRead<JobIndex>.Bad(older.Kind, older.Detail!),
        };
    }

    /// <summary>What it or the archive says of one job, as far as they can be read at all; null when they say nothing.</summary>
    public JobRecord? EntryOf(string jobId)
    {
        var read = Read();
        var index = read.Kind == StateReadKind.Corrupt ? IndexSalvage.From(_reader.ReadBytes(paths.IndexFile, Largest).Value ?? []) : read.Value;
        return Entry(index?.Jobs) ?? (Archive.Mentions([jobId]) ? Entry(Archive.Read().Value?.Jobs ?? IndexSalvage.From(Archive.ReadBytes()).Jobs) : null);

        JobRecord? Entry(IReadOnlyList<JobRecord>? jobs) => jobs?.FirstOrDefault(job => job.Id == jobId);
    }

    /// <summary>An index made of the job files alone, in memory.</summary>
    public JobIndex FromJobFiles(JobIndex? kept = null)
    {
        var entries = new Dictionary<string, JobRecord>(StringComparer.Ordinal);
        foreach (var job in (kept?.Jobs ?? []).Concat(jobs.All().Select(JobIndex.EntryOf)))
            entries[job.Id] = job;
        return new JobIndex { Config = kept?.Config, Jobs = JobIndex.Sorted(entries.Values) };
    }

    /// <summary>The file as it is to be when one job has changed, after the archive if that has to take something over or to give something up.</summary>
    /// <param name="config">The settings to mirror; null keeps those the index has.</param>
    /// <param name="changed">The job.</param>
    /// <param name="remove">Gets the entries, newest first, removes what it does not want to keep and answers the ids of what is gone.</param>
    /// <returns>None when it is to be left untouched.</returns>
    public IReadOnlyList<FileContent> ContentWith(
        WorkspaceConfig? config, JobRecord changed, Func<IReadOnlyList<JobRecord>, IReadOnlySet<string>> remove) =>
        _reader.Use(paths.IndexFile, Largest, text => Spliced(text, config, changed, remove)) ?? Rewritten(config, changed, remove);

    // Null: there is more to do than to copy. What was removed on the way is removed, then.
    private IReadOnlyList<FileContent>? Spliced(
        ReadOnlyMemory<byte> text, WorkspaceConfig? config, JobRecord changed, Func<IReadOnlyList<JobRecord>, IReadOnlySet<string>> remove)
    {
        if (IndexText.Of(text) is not { } index)
            return null;
        var entries = JobIndex.Sorted(index.Jobs.Where(entry => entry.Id != changed.Id).Append(JobIndex.EntryOf(changed)));
        if (entries.Count(entry => entry.IsFinished) > keptFinished * 2)
            return null;
        var gone = remove(entries);
        return gone.Count > 0 && Archive.Mentions(gone)
            ? null
            : [new FileContent(paths.IndexFile, index.With(entries.Where(entry => !gone.Contains(entry.Id)), config))];
    }

    private IReadOnlyList<FileContent> Rewritten(
        WorkspaceConfig? config, JobRecord changed, Func<IReadOnlyList<JobRecord>, IReadOnlySet<string>> remove)
    {
        if (Changed(config, index => index.With(changed)) is not { } after)
            return [];
        var gone = remove(after.Jobs);
        return ContentsOf(after.Without(gone), out _, gone.Count > 0 && Archive.Mentions(gone) ? ArchiveWithout(gone) : null);
    }

    /// <summary>
    /// Changes it. A damaged one is set aside and rebuilt first. One of a later version, or one we may not read, is left untouched: the
    /// job files are the truth and go on without it.
    /// </summary>
    /// <param name="config">The settings to mirror; null keeps those the index has.</param>
    /// <param name="change">What to do to it.</param>
    /// <returns>The index as it stands; null when it was left untouched.</returns>
    public JobIndex? Update(WorkspaceConfig? config, Func<JobIndex, JobIndex> change)
    {
        if (Changed(config, change) is not { } changed)
            return null;
        _writer.Write(ContentsOf(changed, out var after));
        return after;
    }

    /// <summary>Makes it whole again when the archive is damaged or lost: what can be read of that is kept, the rest comes from the job files.</summary>
    /// <returns>All entries; null when something is of a later version or not ours to read, and was left untouched.</returns>
    public JobIndex? Mend()
    {
        if (ReadWhole() is { Value: { } whole })
            return whole; // Somebody else was quicker.
        var index = Read();
        if (index.Kind is StateReadKind.TooNew or StateReadKind.Unreadable || Archive.Read().Kind is StateReadKind.TooNew or StateReadKind.Unreadable)
            return null;
        var known = index.Value ?? SetAside();
        return WithoutArchive(known, IndexSalvage.From(Archive.ReadBytes()).Jobs);
    }

    /// <summary>Makes it anew from the job files; what it says of jobs without a file stays. The old one is kept under a name in the
    /// quarantine.</summary>
    /// <returns>Whether it was done; not for one of a later version or one we may not read.</returns>
    public bool Rebuild(string keptAs)
    {
        var read = Read();
        var archive = Archive.Read();
        if (read.Kind is StateReadKind.TooNew or StateReadKind.Unreadable || archive.Kind is StateReadKind.TooNew or StateReadKind.Unreadable)
            return false;
        var bytes = read.Kind == StateReadKind.Missing ? null : _reader.ReadBytes(paths.IndexFile, Largest).Value;
        if (bytes is not null)
            _writer.Write(keptAs, bytes);
        else
            quarantine.Move(paths.IndexFile, keptAs); // Nothing there, not a file, or far too large: nothing in it can be kept.

        var kept = read.Value ?? IndexSalvage.From(bytes ?? []);
        WithoutArchive(kept, archive.Value?.Jobs ?? IndexSalvage.From(Archive.ReadBytes()).Jobs);
        return true;
    }

    /// <summary>Takes entries out of it and of the archive, which is written in any case: its age tells when it was last gone through.</summary>
    /// <param name="config">The settings to mirror.</param>
    /// <param name="gone">Ids of those to take out.</param>
    public void Remove(WorkspaceConfig? config, IReadOnlySet<string> gone)
    {
        if (Changed(config, index => index.Without(gone)) is { } after)
            _writer.Write(ContentsOf(after, out _, ArchiveWithout(gone)));
    }

    private JobIndex? ArchiveWithout(IReadOnlySet<string> gone) => Archive.Read().Value?.Without(gone);

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
                before = FromJobFiles() with { Archived = Archive.Read().Value?.Jobs.Count ?? 0 };
                break;
            case StateReadKind.Corrupt:
                before = SetAside() with { Archived = Archive.Read().Value?.Jobs.Count ?? 0 };
                break;
            default:
                return null;
        }

        var after = change(before) with { Version = JobIndex.CurrentVersion };
        return after with { Config = config ?? after.Config };
    }

    // The archive first: an entry that stands in both for a moment, or after a crash, is the same in both.
    private IReadOnlyList<FileContent> ContentsOf(JobIndex index, out JobIndex after, JobIndex? newArchive = null)
    {
        var older = newArchive is null ? null : StateRead<JobIndex>.Ok(newArchive);
        var kept = index;
        if (index.Jobs.Count(job => job.IsFinished) > keptFinished * 2
            && (older ??= Archive.Read()).Kind is StateReadKind.Ok or StateReadKind.Missing) // Else the index grows until the archive is mended.
        {
            var leaving = index.Jobs.Where(job => job.IsFinished).OrderByDescending(job => job.EndedAt).Skip(keptFinished).ToList();
            newArchive = (older.Value ?? new JobIndex()) with { Jobs = JobIndex.Merged(leaving, older.Value?.Jobs ?? []) };
            kept = index.Without(leaving.Select(job => job.Id).ToHashSet(StringComparer.Ordinal));
        }

        after = newArchive is null ? kept : kept with { Archived = newArchive.Jobs.Count };
        return newArchive is null ? [ContentOf(after)] : [Archive.ContentOf(newArchive), ContentOf(after)];
    }

    private FileContent ContentOf(JobIndex index) => new(paths.IndexFile, JobIndexFormat.Instance.ToBytes(index, indented: true, expected: (index.Jobs.Count + 1) * JobIndexFormat.UsualEntry));

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

    // Everything into the index, then the archive aside, then what the index has outgrown into a new one: at each moment in between, the
    // index or the job files have what the archive had.
    private JobIndex WithoutArchive(JobIndex index, IReadOnlyList<JobRecord> older)
    {
        var known = index with { Jobs = JobIndex.Merged(index.Jobs.Where(job => JobIds.IsValid(job.Id)), older) };
        var all = known with { Version = JobIndex.CurrentVersion, Jobs = FromJobFiles(known).Jobs, Archived = 0 };
        _writer.Write([ContentOf(all)]);
        quarantine.Move(paths.ArchiveFile);
        if (ContentsOf(all, out _) is { Count: > 1 } contents)
            _writer.Write(contents);
        return all;
    }
}
