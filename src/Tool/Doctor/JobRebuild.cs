using CodexCompanion.StateStore.Records;

namespace CodexCompanion.Tool.Doctor;

/// <summary>Makes a job's record anew from what is left of it: its entry in the index, and its log. Says what could not be saved.</summary>
internal static class JobRebuild
{
    /// <summary>The record; null when nothing at all is left.</summary>
    /// <param name="id">The job.</param>
    /// <param name="entry">What the index says of it; null when it says nothing.</param>
    /// <param name="log">What its log tells; null when there is none.</param>
    /// <param name="workspaceRoot">Root of its workspace; null when that is not known.</param>
    public static JobRecord? From(string id, JobRecord? entry, JobLogReading? log, string? workspaceRoot)
    {
        if (entry is null && log?.FirstLine is null)
            return null;
        var isReview = id.StartsWith("review-", StringComparison.Ordinal);
        var job = entry ?? new JobRecord
        {
            Id = id,
            Kind = isReview ? "review" : "rescue",
            KindLabel = isReview ? "review" : "rescue",
            JobClass = isReview ? "review" : "task",
            Title = "Codex " + (isReview ? "Review" : "Task"),
            Summary = "(its record was lost; rebuilt from its log)",
            WorkspaceRoot = workspaceRoot,
            Status = StatusIn(log!),
            Phase = PhaseOf(StatusIn(log!)),
            CreatedAt = log!.FirstLine,
            StartedAt = log.FirstLine,
            CompletedAt = log.LastLine,
            UpdatedAt = log.LastLine,
        };
        var rendered = log?.FinalOutput ?? (job.IsFinished ? log?.LastMessage : null);
        job = job with
        {
            ThreadId = job.ThreadId ?? log?.ThreadId,
            TurnId = job.TurnId ?? log?.TurnId,
            Rendered = rendered,
            RecoveryNotes = [.. job.RecoveryNotes ?? [], Note(SourcesOf(entry, log), hasPrompt: false, rendered is not null, job.ThreadId ?? log?.ThreadId)],
        };
        return job is { Status: JobStatus.Failed, ErrorCode: null }
            ? job with
            {
                ErrorCode = JobErrorCodes.WorkerLost,
                ErrorMessage = "Its record was damaged, and its log does not tell how it ended.",
                ExitCode = ExitCodes.Lost,
            }
            : job;
    }

    private static JobStatus StatusIn(JobLogReading log) =>
        log.FinalOutput is not null ? JobStatus.Completed
        : log.WasCancelled ? JobStatus.Cancelled
        : JobStatus.Failed;

    private static string PhaseOf(JobStatus status) => status switch
    {
        JobStatus.Completed => "done",
        JobStatus.Cancelled => "cancelled",
        _ => "failed",
    };

    /// <summary>What a record was made of, in words.</summary>
    public static string SourcesOf(JobRecord? entry, JobLogReading? log) => (entry, log) switch
    {
        (not null, not null) => "the index and its log",
        (not null, null) => "the index",
        _ => "its log",
    };

    /// <summary>The record after Codex's own record of the thread was asked, too: the note on what was lost says so.</summary>
    public static JobRecord Told(JobRecord rebuilt, JobRecord filled, string sources) => filled with
    {
        RecoveryNotes = [.. (filled.RecoveryNotes ?? []).SkipLast(1), Note($"{sources} and Codex's own record of the thread", filled.Request is not null, filled.Rendered is not null, rebuilt.ThreadId)],
    };

    private static string Note(string sources, bool hasPrompt, bool hasResult, string? thread)
    {
        var lost = (hasPrompt, hasResult) switch
        {
            (true, true) => "Its prompt and its result are there; its options are lost.",
            (true, false) => "Its prompt is there; its options and its result are lost.",
            (false, true) => "The prompt is lost; the result is what could be found of it.",
            _ => "The prompt and the result are lost.",
        };
        var where = thread is null ? "" : $" The thread can be continued: codex resume {thread}";
        return $"Its record was damaged; doctor made it anew from {sources}. {lost}{where}";
    }
}
