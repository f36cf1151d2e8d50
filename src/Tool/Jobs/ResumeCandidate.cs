using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.Tool.Jobs;

/// <summary>Decides which thread <c>--resume</c> continues.</summary>
internal static class ResumeCandidate
{
    /// <summary>The newest finished task that has a thread: of the session when there is one, else of the whole workspace.</summary>
    public static JobRecord? Among(IEnumerable<JobRecord> jobs, string? sessionId) => jobs
        .Where(job => job is { IsFinished: true, ThreadId.Length: > 0 } && IsTask(job))
        // A thread that was asked for and does not exist is no thread.
        .Where(job => job.ErrorCode != FailureCodes.Of(FailureKind.ThreadNotFound))
        .Where(job => sessionId is null || string.Equals(job.SessionId, sessionId, StringComparison.Ordinal))
        .MaxBy(job => job.EndedAt ?? DateTimeOffset.MinValue);

    // Records of the old runtime may lack the class; their id tells.
    private static bool IsTask(JobRecord job) =>
        job.JobClass is null ? job.Id.StartsWith("task-", StringComparison.Ordinal) : string.Equals(job.JobClass, "task", StringComparison.Ordinal);
}
