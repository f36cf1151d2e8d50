using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.Tool.Jobs;

/// <summary>Decides which thread <c>--resume</c> continues.</summary>
internal static class ResumeCandidate
{
    /// <summary>The newest finished task that has a thread: of the session when there is one, else of the whole workspace.</summary>
    public static JobRecord? Among(IEnumerable<JobRecord> jobs, string? sessionId) => jobs
        .Where(job => job.IsFinished && ThreadOf(job) is not null && IsTask(job))
        .Where(job => sessionId is null || string.Equals(job.SessionId, sessionId, StringComparison.Ordinal))
        .MaxBy(job => job.EndedAt ?? DateTimeOffset.MinValue);

    /// <summary>The thread that can be gone on with; null when there is none: one that was asked for and does not exist is none.</summary>
    public static string? ThreadOf(JobRecord job) =>
        job.ThreadId is { Length: > 0 } thread && job.ErrorCode != FailureCodes.Of(FailureKind.ThreadNotFound) ? thread : null;

    // Records of the old runtime may lack the class; their id tells.
    private static bool IsTask(JobRecord job) =>
        job.JobClass is null ? job.Id.StartsWith("task-", StringComparison.Ordinal) : string.Equals(job.JobClass, "task", StringComparison.Ordinal);
}
