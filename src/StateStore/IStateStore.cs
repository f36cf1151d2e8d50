using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Records;
using CodexCompanion.StateStore.Repairs;

namespace CodexCompanion.StateStore;

/// <summary>
/// The state of one workspace: <c>broker.json</c>, <c>config.json</c>, <c>jobs.json</c> and the job files. Reads take no lock and never
/// wait; every read-change-write is one call under the workspace's cross-process state lock, durable when it returns.
/// </summary>
/// <remarks>Writes throw <see cref="StateStoreException"/> when the disk or a lock refuses; the old state is intact then.</remarks>
public interface IStateStore
{
    /// <summary>The workspace this state belongs to.</summary>
    Workspace Workspace { get; }

    /// <summary>Where everything lies.</summary>
    StatePaths Paths { get; }

    /// <summary>Creates the state directory and its folders, private to the user; refuses one that belongs to somebody else.</summary>
    void EnsureCreated();

    /// <summary>Reads <c>broker.json</c>.</summary>
    StateRead<BrokerRecord> ReadBroker();

    /// <summary>Publishes <c>broker.json</c> by rename. Only the holder of the broker lock may.</summary>
    void PublishBroker(BrokerRecord record);

    /// <summary>Removes <c>broker.json</c> if it still names this instance.</summary>
    /// <returns>Whether it did and is gone.</returns>
    bool WithdrawBroker(string instanceId);

    /// <summary>Moves a corrupt <c>broker.json</c> into the quarantine. Looks again under the state lock: a record that can be read by
    /// then is left alone.</summary>
    /// <returns>The path in the quarantine; null when there was nothing to set aside.</returns>
    string? SetBrokerAside();

    /// <summary>Reads one job.</summary>
    StateRead<JobRecord> ReadJob(string jobId);

    /// <summary>All jobs of the index, newest first. An index that is torn, corrupt or lost is set aside and rebuilt from the job files
    /// in this call; entries whose job file is missing are kept as the index has them.</summary>
    /// <exception cref="StateStoreException">Neither the index nor the folder of the job files can be read: that is not "no jobs".</exception>
    IReadOnlyList<JobRecord> ListJobs();

    /// <summary>
    /// The unfinished jobs and the newest finished ones, newest first: costs the same however many there are. All jobs, as from
    /// <see cref="ListJobs"/>, when a session has older ones and few among the newest.
    /// </summary>
    /// <param name="sessionId">A session that must not seem to have no finished jobs because they are old; null for none.</param>
    IReadOnlyList<JobRecord> ListNewestJobs(string? sessionId);

    /// <summary>The index, with what it has outgrown, as it lies there. Repairs nothing, unlike <see cref="ListJobs"/>.</summary>
    StateRead<IReadOnlyList<JobRecord>> ReadIndex();

    /// <summary>Records a new job, in the index and in its file.</summary>
    void CreateJob(JobRecord job);

    /// <summary>
    /// Changes a job under the lock. A finished job stays as it is (a late worker cannot overwrite a cancel), but for its
    /// <see cref="JobRecord.CollectedAt"/>, and for a lost worker's job, which may be completed by recovery, once.
    /// </summary>
    /// <param name="jobId">The job.</param>
    /// <param name="change">Gets the current record and answers the new one; the same reference means no change.</param>
    /// <param name="patience">How long to wait for the lock before it is a <see cref="StateFailure.LockTimeout"/>; null for as long as any write does.</param>
    /// <returns>The record as it stands after the call, or why there is none.</returns>
    StateRead<JobRecord> UpdateJob(string jobId, Func<JobRecord, JobRecord> change, TimeSpan? patience = null);

    /// <summary>
    /// Changes a job as <see cref="UpdateJob"/> does, and removes others with their files in the same writing of the index: a run's last one costs no
    /// more for it. What cannot be removed stays.
    /// </summary>
    /// <param name="jobId">The job.</param>
    /// <param name="change">Gets the current record and answers the new one, a finished one.</param>
    /// <param name="choose">Gets the jobs of the index, newest first, and answers the ids of those to remove. Of the others it is told ids, statuses and
    /// times; it may be asked twice, and is not when nothing changed.</param>
    /// <returns>The record as it stands after the call, or why there is none.</returns>
    StateRead<JobRecord> EndJob(string jobId, Func<JobRecord, JobRecord> change, Func<IReadOnlyList<JobRecord>, IEnumerable<string>> choose);

    /// <summary>Removes finished jobs with their files. An unfinished one is never removed, whatever is chosen; nor is one whose record
    /// cannot be read.</summary>
    /// <param name="choose">Gets all jobs, newest first, under the lock, and answers the ids of those to remove.</param>
    /// <returns>Those that were removed.</returns>
    IReadOnlyList<JobRecord> RemoveJobs(Func<IReadOnlyList<JobRecord>, IEnumerable<string>> choose);

    /// <summary>When jobs that are not among the newest were last added or gone through; null when there are none.</summary>
    DateTimeOffset? OlderJobsGoneThroughAt { get; }

    /// <summary>Appends one line to the job's log as <c>[ISO time] line</c>. Losing a log line is never an error.</summary>
    void AppendJobLog(string jobId, string line);

    /// <summary>Writes a job's result as a text of its own, for readers that are not shown all of it. It goes when the job is removed.</summary>
    /// <returns>Where it lies; null when it could not be written, which is never an error: the record has the result.</returns>
    string? WriteResultText(string jobId, string text);

    /// <summary>Reads <c>config.json</c>.</summary>
    StateRead<WorkspaceConfig> ReadConfig();

    /// <summary>Changes <c>config.json</c> (and its mirror in the index) under the lock.</summary>
    WorkspaceConfig UpdateConfig(Func<WorkspaceConfig, WorkspaceConfig> change);

    /// <summary>Reads <c>findings.json</c>.</summary>
    StateRead<FindingsLedger> ReadFindings();

    /// <summary>Changes <c>findings.json</c> under the lock. A corrupt one is set aside first.</summary>
    /// <param name="change">Gets the present ledger, an empty one when there is none; the same reference means no change.</param>
    FindingsLedger UpdateFindings(Func<FindingsLedger, FindingsLedger> change);

    /// <summary>Repairs under the state lock. What the work throws goes through.</summary>
    /// <param name="purpose">What is done, to name the holder of the lock.</param>
    /// <param name="work">Looks again, then acts.</param>
    T Repair<T>(string purpose, Func<StateRepairs, T> work);

    /// <summary>The lock file of this workspace for a purpose.</summary>
    FileLock Lock(StateLock which);

    /// <summary>The lock one broker instance holds from start to exit.</summary>
    FileLock InstanceLock(string instanceId);
}
