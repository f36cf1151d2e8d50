using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.Tool.Jobs;

/// <summary>The begin of a job in its record. A queued job has certainly not begun: cancelling it needs no more than saying so.</summary>
internal static class JobStart
{
    /// <summary>The record of a job that this process works on.</summary>
    public static JobRecord By(ProcessIdentity process, JobRecord job) => job with { Pid = process.Pid, Process = process };

    /// <summary>The record of a job whose work begins.</summary>
    public static JobRecord Begun(JobRecord job, TimeProvider time) =>
        job with { Status = JobStatus.Running, Phase = "starting", StartedAt = job.StartedAt ?? time.GetUtcNow() };
}
