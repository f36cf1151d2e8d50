using System.Collections.Immutable;
using System.Text;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Jobs;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.StateStore;

/// <content>Job files, their index and their logs.</content>
public sealed partial class FileStateStore
{
    // Twice what any list shows of one session.
    private const int EnoughOfASession = 20;

    /// <inheritdoc/>
    public StateRead<JobRecord> ReadJob(string jobId) => _jobs.Read(jobId);

    /// <inheritdoc/>
    public IReadOnlyList<JobRecord> ListJobs() => Translating("list the jobs", () =>
    {
        var read = _index.ReadWhole();
        var index = read.Kind switch
        {
            StateReadKind.Ok => read.Value!,
            StateReadKind.Missing when !HasJobFiles() => new JobIndex(),
            StateReadKind.Missing or StateReadKind.Corrupt => Rebuilt(),
            _ => WithoutIndex(read),
        };
        return JobIndex.Sorted(index.Jobs.Select(Current));
    });

    /// <inheritdoc/>
    public IReadOnlyList<JobRecord> ListNewestJobs(string? sessionId) => Translating("list the jobs", () =>
        _index.Read().Value is { } index && HasEnoughOf(sessionId, index)
            ? JobIndex.Sorted(index.Jobs.Select(Current))
            : ListJobs());

    /// <inheritdoc/>
    public void CreateJob(JobRecord job) => UnderLock("record a job", () =>
    {
        if (!JobIds.IsValid(job.Id))
            throw new StateStoreException(StateFailure.InvalidJob, $"\"{job.Id}\" is not a job id.");
        if (_jobs.Exists(job.Id))
            throw new StateStoreException(StateFailure.InvalidJob, $"There is a job {job.Id} already.");
        var now = _time.GetUtcNow();
        var created = job with { CreatedAt = job.CreatedAt ?? now, UpdatedAt = job.UpdatedAt ?? now };

        // The index first: an entry without its file is a job that never began, and reads so; a file without its entry would never be seen.
        _writer.Write([.. IndexWith(created, NoneRemoved), _jobs.ContentOf(created)]);
    });

    /// <inheritdoc/>
    public StateRead<JobRecord> UpdateJob(string jobId, Func<JobRecord, JobRecord> change, TimeSpan? patience = null) =>
        Update(jobId, change, NoneRemoved, patience);

    /// <inheritdoc/>
    public StateRead<JobRecord> EndJob(
        string jobId, Func<JobRecord, JobRecord> change, Func<IReadOnlyList<JobRecord>, IEnumerable<string>> choose) =>
        Update(jobId, change, jobs => RemovedWherePossible(jobs, all => choose(all).Where(id => id != jobId)), patience: null);

    /// <inheritdoc/>
    public IReadOnlyList<JobRecord> RemoveJobs(Func<IReadOnlyList<JobRecord>, IEnumerable<string>> choose)
    {
        if (IsEmpty)
            return [];
        return UnderLock("remove jobs", () =>
        {
            var read = _index.ReadWhole();
            if (read.Kind is StateReadKind.TooNew or StateReadKind.Unreadable)
                return [];
            var jobs = JobIndex.Sorted((read.Value ?? _index.FromJobFiles(_index.Read().Value)).Jobs.Select(Current));
            var gone = Removed(jobs, choose);
            if (gone.Count > 0 || OlderJobsGoneThroughAt is not null)
                _index.Remove(ReadConfigFile().Value, gone);
            return jobs.Where(job => gone.Contains(job.Id)).ToList();
        });
    }

    /// <inheritdoc/>
    public DateTimeOffset? OlderJobsGoneThroughAt =>
        _files.File.Exists(Paths.ArchiveFile) ? new DateTimeOffset(_files.File.GetLastWriteTimeUtc(Paths.ArchiveFile)) : null;

    /// <inheritdoc/>
    public void AppendJobLog(string jobId, string line) => _log.Append(jobId, line);

    /// <inheritdoc/>
    public string? WriteResultText(string jobId, string text)
    {
        // No lock: the text of a finished job is always the same, and a file is replaced whole.
        if (!JobIds.IsValid(jobId) || IsEmpty || PrivateDirectory.Ensure(_disk, Paths.ResultsDirectory) is not null)
            return null;
        try
        {
            var path = Paths.ResultText(jobId);
            _writer.Write(path, Encoding.UTF8.GetBytes(text));
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // A full disk, most likely: what is printed is cut then, and the record still has all of it.
        }
    }

    private StateRead<JobRecord> Update(
        string jobId, Func<JobRecord, JobRecord> change, Func<IReadOnlyList<JobRecord>, IReadOnlySet<string>> remove, TimeSpan? patience)
    {
        if (!JobIds.IsValid(jobId) || IsEmpty)
            return StateRead<JobRecord>.Missing();
        return UnderLock("update a job", () =>
        {
            var read = _jobs.Read(jobId);
            if (read.Kind == StateReadKind.Missing && _index.EntryOf(jobId) is { } entry)
                read = StateRead<JobRecord>.Ok(entry); // The old runtime's index may know a job whose file is gone.
            if (read.Value is not { } before)
                return read;
            var proposed = change(before);
            if (proposed.Id != jobId)
                throw new ArgumentException("A change must not rename a job.", nameof(change));
            var after = JobTransitions.Apply(before, proposed, _time.GetUtcNow());
            if (ReferenceEquals(before, after))
                return read;
            var isTransition = before.Status != after.Status || before.CollectedAt != after.CollectedAt;
            _writer.Write([_jobs.ContentOf(after), .. isTransition ? IndexWith(after, remove) : []]);
            return StateRead<JobRecord>.Ok(after);
        }, patience);
    }

    private static IReadOnlySet<string> NoneRemoved(IReadOnlyList<JobRecord> jobs) => ImmutableHashSet<string>.Empty;

    // Their files first: an entry without its files is removed the next time; files without their entry would stay for ever.
    private HashSet<string> Removed(IReadOnlyList<JobRecord> jobs, Func<IReadOnlyList<JobRecord>, IEnumerable<string>> choose)
    {
        var finished = jobs.Where(job => job.IsFinished).Select(job => job.Id).ToHashSet(StringComparer.Ordinal);
        var gone = choose(jobs).Where(finished.Contains).Where(_jobs.Delete).ToHashSet(StringComparer.Ordinal);
        if (gone.Count > 0)
            _disk.SyncFolder(Paths.JobsDirectory);
        return gone;
    }

    // What cannot be removed must not cost the job that ends its record.
    private IReadOnlySet<string> RemovedWherePossible(IReadOnlyList<JobRecord> jobs, Func<IReadOnlyList<JobRecord>, IEnumerable<string>> choose)
    {
        try
        {
            return Removed(jobs, choose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return NoneRemoved(jobs); // The next end tries again, and "prune" says what is wrong.
        }
    }

    private IReadOnlyList<FileContent> IndexWith(JobRecord changed, Func<IReadOnlyList<JobRecord>, IReadOnlySet<string>> remove) =>
        _index.ContentWith(ReadConfigFile().Value, changed, remove);

    private bool HasEnoughOf(string? sessionId, JobIndex index) =>
        sessionId is null
        || index.Archived == 0
        || index.Jobs.Count(job => job.IsFinished && job.SessionId == sessionId) >= EnoughOfASession
        || !_index.Archive.Mentions([sessionId]);

    // The index has a job as it was at its last change of status; its file has it as it is.
    private JobRecord Current(JobRecord entry) =>
        !entry.IsFinished && _jobs.Read(entry.Id).Value is { } job ? JobIndex.EntryOf(job) : entry;

    private bool HasJobFiles() => _jobs.All().Any();

    // Of a later version, or not ours to read: answered without it, and left untouched. Where the job files are not ours to read either, nobody can tell.
    private JobIndex WithoutIndex(StateRead<JobIndex> read)
    {
        var index = _index.FromJobFiles(_index.Read().Value);
        return index.Jobs.Count > 0 || read.Kind != StateReadKind.Unreadable || !_jobs.HasFiles
            ? index
            : throw new StateStoreException(StateFailure.Disk, $"Could not list the jobs in {Paths.Directory}: {read.Detail}");
    }

    private JobIndex Rebuilt()
    {
        try
        {
            return UnderLock("rebuild the index of jobs", () => _index.Update(ReadConfigFile().Value, index => index) is null ? null : _index.Mend(), ReaderPatience)
                ?? _index.FromJobFiles(_index.Read().Value);
        }
        catch (StateStoreException)
        {
            return _index.FromJobFiles(_index.Read().Value); // The answer needs no writing; the next reader tries the repair again.
        }
    }
}
