using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Configuration;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Jobs;

/// <summary>The end of a job in its record.</summary>
internal static class JobRecording
{
    private static readonly TimeSpan OlderOnceIn = TimeSpan.FromDays(1);

    /// <summary>Records that somebody has the result.</summary>
    public static void RecordCollected(IStateStore store, string jobId, DateTimeOffset now) =>
        Mark(store, jobId, job => job with { CollectedAt = job.CollectedAt ?? now });

    /// <summary>Takes that back: the result was on its way and did not arrive.</summary>
    public static void RecordUncollected(IStateStore store, string jobId) =>
        Mark(store, jobId, job => job with { CollectedAt = null });

    /// <summary>Removes what has been kept for long enough of those jobs that are not among the newest. They only ever go by age, and once a day will do.
    /// A run's own matters are over by then, and none of this may cost it anything.</summary>
    public static void RemoveOlder(IStateStore store, DateTimeOffset now)
    {
        try
        {
            if (store.OlderJobsGoneThroughAt is { } at && now - at > OlderOnceIn)
                store.RemoveJobs(jobs => JobRetention.Expired(jobs, now));
        }
        catch (StateStoreException)
        {
            // The next run tries again, and "prune" says what is wrong.
        }
    }

    /// <summary>The record of a job that ended so.</summary>
    public static JobRecord Ended(JobRecord job, JobEnd end, string? threadId, IReadOnlyList<string> notes)
    {
        var result = end.Outcome.Result;
        var (status, phase) = end.Outcome switch
        {
            Outcome.Completed => (JobStatus.Completed, "done"),
            Outcome.Cancelled => (JobStatus.Cancelled, "cancelled"),
            _ => (JobStatus.Failed, "failed"),
        };
        return job with
        {
            Status = status,
            Phase = phase,
            Pid = null,
            ThreadId = result?.ThreadId ?? threadId ?? job.ThreadId,
            TurnId = result?.TurnId ?? job.TurnId,
            Model = result?.Model ?? job.Model,
            Effort = result?.Effort ?? job.Effort,
            Sandbox = result?.Sandbox is { } sandbox ? ConfigWords.Of(sandbox) : job.Sandbox,
            ErrorCode = end.Error?.Code,
            ErrorMessage = end.Error?.Message,
            ExitCode = end.ExitCode,
            Stop = end.Outcome is Outcome.Cancelled cancelled ? StopJson.ElementOf(cancelled.Proof) : null,
            Result = end.Result,
            Rendered = end.Rendered,
            TouchedFiles = result?.TouchedFiles ?? [],
            Usage = result?.Usage,
            RecoveryNotes = notes,
        };
    }

    private static void Mark(IStateStore store, string jobId, Func<JobRecord, JobRecord> mark)
    {
        try
        {
            store.UpdateJob(jobId, mark);
        }
        catch (StateStoreException)
        {
            // It only decides how long the result is kept.
        }
    }
}
