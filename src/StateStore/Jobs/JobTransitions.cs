using CodexCompanion.StateStore.Records;

namespace CodexCompanion.StateStore.Jobs;

/// <summary>What a change may do to a job: forward only, and nothing after its end but what is said here.</summary>
internal static class JobTransitions
{
    /// <summary>The record that results from a proposed change.</summary>
    /// <param name="current">The job as it stands.</param>
    /// <param name="proposed">What somebody would like it to be.</param>
    /// <param name="now">The time of the change.</param>
    /// <returns>The record to write; <paramref name="current"/> itself when nothing of the change may stand.</returns>
    public static JobRecord Apply(JobRecord current, JobRecord proposed, DateTimeOffset now)
    {
        if (ReferenceEquals(current, proposed))
            return current;
        if (!current.IsFinished)
            return Stamped(proposed with { Status = Forward(current.Status, proposed.Status) }, now);
        if (MayBeRecovered(current) && ConcludesRecovery(proposed))
            return Stamped(proposed with { RecoveryTriedAt = proposed.RecoveryTriedAt ?? now }, now);
        return current.CollectedAt is null != proposed.CollectedAt is null
            ? current with { CollectedAt = proposed.CollectedAt, UpdatedAt = now }
            : current;
    }

    private static JobStatus Forward(JobStatus current, JobStatus proposed) =>
        current == JobStatus.Running && proposed == JobStatus.Queued ? current : proposed;

    private static bool MayBeRecovered(JobRecord job) =>
        job is { Status: JobStatus.Failed, ErrorCode: JobErrorCodes.WorkerLost, RecoveryTriedAt: null };

    // Either the result was found, or it is recorded that it was looked for; both are the one time.
    private static bool ConcludesRecovery(JobRecord proposed) =>
        proposed.Status == JobStatus.Completed || proposed is { Status: JobStatus.Failed, RecoveryTriedAt: not null };

    private static JobRecord Stamped(JobRecord job, DateTimeOffset now) => job with
    {
        UpdatedAt = now,
        CompletedAt = job.IsFinished ? job.CompletedAt ?? now : null,
    };
}
