using CodexCompanion.Pipeline;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Recovery;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Commands;

namespace CodexCompanion.Tool.Jobs;

/// <summary>
/// Marks jobs whose process went away without recording an end, so that they never read as running for ever and never block later work.
/// Every command that reads jobs reads them through here.
/// </summary>
internal sealed class JobReconciler(ToolHost host, TimeLimits limits)
{
    // Marking needs the state's lock, which is held for milliseconds. Who reads does not wait for one that is stuck, and not again for each job.
    private static readonly TimeSpan UsualPatience = TimeSpan.FromSeconds(2);

    private readonly IProcessTable _processes = host.Processes();
    private TimeSpan _patience = UsualPatience;

    /// <summary>All jobs, newest first, as they stand after those whose process is gone were marked.</summary>
    public Task<IReadOnlyList<JobRecord>> AllAsync(IStateStore store) => MarkedAsync(store, store.ListJobs());

    /// <summary>The unfinished jobs, the newest finished ones, and all of a session: what most commands need, at a price that does not grow.</summary>
    public Task<IReadOnlyList<JobRecord>> NewestAsync(IStateStore store, string? sessionId) => MarkedAsync(store, store.ListNewestJobs(sessionId));

    /// <summary>What is looked for among the newest jobs or, when it is not among them, among all.</summary>
    /// <param name="store">Where.</param>
    /// <param name="sessionId">The session it is looked for in; null for any.</param>
    /// <param name="choose">Chooses among jobs, newest first; null for none of them.</param>
    public async Task<JobRecord?> FindAsync(IStateStore store, string? sessionId, Func<IReadOnlyList<JobRecord>, JobRecord?> choose) =>
        choose(await NewestAsync(store, sessionId)) ?? (store.OlderJobsGoneThroughAt is null ? null : choose(await AllAsync(store)));

    private async Task<IReadOnlyList<JobRecord>> MarkedAsync(IStateStore store, IReadOnlyList<JobRecord> jobs)
    {
        var current = new List<JobRecord>(jobs.Count);
        foreach (var job in jobs)
            current.Add(job.IsFinished ? job : await OneAsync(store, job));
        return current;
    }

    /// <summary>One job, as it stands after it was marked if its process is gone. Where it cannot be marked, as if it had been.</summary>
    public async Task<JobRecord> OneAsync(IStateStore store, JobRecord job)
    {
        if (job.IsFinished || !await IsLostAsync(store, job))
            return job;
        try
        {
            // Looked at again under the lock: it may have ended meanwhile, or another reader marked it and says so in its log.
            var isOurMark = false;
            var read = store.UpdateJob(job.Id, current => (isOurMark = HasLostItsProcess(current)) ? Lost(store, current) : current, _patience);
            _patience = UsualPatience;
            if (read.Value is not { } marked)
                return Lost(store, job);
            if (isOurMark && marked.ErrorCode == JobErrorCodes.WorkerLost)
                store.AppendJobLog(job.Id, marked.ErrorMessage!);
            return marked;
        }
        catch (StateStoreException refused)
        {
            if (refused.Failure == StateFailure.LockTimeout)
                _patience = TimeSpan.Zero;
            return Lost(store, job); // A full or read-only disk: the answer is true all the same.
        }
    }

    /// <summary>Whether the process that works on an unfinished job is certainly gone, and no live broker still runs its turn.</summary>
    public async Task<bool> IsLostAsync(IStateStore store, JobRecord entry)
    {
        if (!HasLostItsProcess(entry))
            return false;
        var job = store.ReadJob(entry.Id).Value ?? entry;
        return HasLostItsProcess(job) && !await RunsInBrokerAsync(store, job);
    }

    // Positive evidence only: without a recorded identity, or with one that cannot be looked at, nothing is known.
    private bool HasLostItsProcess(JobRecord job) =>
        job is { IsFinished: false, Process: { } process } && _processes.Look(process) is ProcessPresence.Gone or ProcessPresence.Other;

    private async Task<bool> RunsInBrokerAsync(IStateStore store, JobRecord job)
    {
        if (job.ThreadId is not { } threadId || (job.BrokerEndpoint ?? store.ReadBroker().Value?.Endpoint) is not { } endpoint)
            return false;
        return await TurnFinder.RunsInBrokerAsync(endpoint, threadId, limits, new ServerRequestPolicy(host.Time));
    }

    private static JobRecord Lost(IStateStore store, JobRecord job)
    {
        var wasCancelled = job.CancelRequestedAt is not null;
        var last = JobLogTail.LastLines(store, job, 1) is [var line] ? $" The last line of its log: {line}" : "";
        return job with
        {
            Status = wasCancelled ? JobStatus.Cancelled : JobStatus.Failed,
            Phase = wasCancelled ? "cancelled" : "failed",
            Pid = null,
            ErrorCode = wasCancelled ? JobErrors.CancelledCode : JobErrorCodes.WorkerLost,
            ErrorMessage = (wasCancelled
                ? $"The job was cancelled; process {job.Process?.Pid} ended before it could record how."
                : $"The worker died: process {job.Process?.Pid} ended without recording a result.") + last,
            ExitCode = wasCancelled ? ExitCodes.Cancelled : ExitCodes.Lost,
        };
    }
}
