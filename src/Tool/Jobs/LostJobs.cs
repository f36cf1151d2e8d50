using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.Tool.Jobs;

/// <summary>Marks jobs whose process went away without recording an end, so that they never read as running for ever.</summary>
internal static class LostJobs
{
    /// <summary>Looks at all unfinished jobs and marks those whose process is certainly gone.</summary>
    /// <returns>All jobs, as they stand after that.</returns>
    public static IReadOnlyList<JobRecord> MarkIn(IStateStore store, IProcessTable processes) =>
        [.. store.ListJobs().Select(job => job.IsFinished ? job : Mark(store, processes, job))];

    private static JobRecord Mark(IStateStore store, IProcessTable processes, JobRecord entry)
    {
        var job = store.ReadJob(entry.Id).Value ?? entry;
        if (!IsLost(job, processes))
            return job;

        // Looked at again under the lock: it may have ended meanwhile.
        return store.UpdateJob(job.Id, current => current.IsFinished || !IsLost(current, processes) ? current : Lost(current)).Value ?? job;
    }

    // Positive evidence only: without a recorded identity, or with one that cannot be looked at, nothing is known.
    private static bool IsLost(JobRecord job, IProcessTable processes) =>
        job is { IsFinished: false, Process: { } process } && processes.Look(process) is ProcessPresence.Gone or ProcessPresence.Other;

    private static JobRecord Lost(JobRecord job) => job with
    {
        Status = JobStatus.Failed,
        Phase = "failed",
        Pid = null,
        ErrorCode = JobErrorCodes.WorkerLost,
        ErrorMessage = $"The worker died: process {job.Pid} ended without recording a result.",
        ExitCode = ExitCodes.Lost,
    };
}
