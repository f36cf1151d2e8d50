using System.Text.Json;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Setup;

namespace CodexCompanion.Tool.Rendering;

/// <summary>What a command prints that handed its job to a worker; the first members and the word are those of the Node runtime.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Status">queued right after the launch; running when it was handed over.</param>
/// <param name="Title">Its title.</param>
/// <param name="Summary">The request in one line.</param>
/// <param name="LogFile">Its log.</param>
/// <param name="OtherWriters">Jobs that may change files in the same tree at the same time.</param>
internal sealed record BackgroundJson(string JobId, string Status, string? Title, string? Summary, string? LogFile, IReadOnlyList<string> OtherWriters);

/// <summary>A job that ended without a result of its own.</summary>
internal sealed record LostJobJson(string JobId, string? ThreadId, ErrorDetail? Error);

/// <summary>A job as lists show it: its record without what may be large, and what is worked out from log and clock.</summary>
internal sealed record JobJson
{
    public required string Id { get; init; }

    public required string? Kind { get; init; }

    public required string? KindLabel { get; init; }

    public required string? Title { get; init; }

    public required string? JobClass { get; init; }

    public required string? Summary { get; init; }

    public required string? WorkspaceRoot { get; init; }

    public required string? Cwd { get; init; }

    public required bool Write { get; init; }

    public required string? Sandbox { get; init; }

    public required string? Model { get; init; }

    public required string? Effort { get; init; }

    public required string Status { get; init; }

    public required string? Phase { get; init; }

    public required string? ThreadId { get; init; }

    public required string? TurnId { get; init; }

    public required string? SessionId { get; init; }

    public required int? Pid { get; init; }

    public required string? LogFile { get; init; }

    public required string? CreatedAt { get; init; }

    public required string? StartedAt { get; init; }

    public required string? UpdatedAt { get; init; }

    public required string? CompletedAt { get; init; }

    public required string? CollectedAt { get; init; }

    public required string? ErrorCode { get; init; }

    public required string? ErrorMessage { get; init; }

    public required int? ExitCode { get; init; }

    public required IReadOnlyList<string>? TouchedFiles { get; init; }

    public required JsonElement? Usage { get; init; }

    public required IReadOnlyList<string>? RecoveryNotes { get; init; }

    /// <summary>What stopping it proved; null when it was not stopped.</summary>
    public required JsonElement? Stop { get; init; }

    /// <summary>The last lines of its log, without time stamps; empty for jobs that ended well.</summary>
    public required IReadOnlyList<string> ProgressPreview { get; init; }

    /// <summary>Time since its start, for a person; null for a finished job.</summary>
    public required string? Elapsed { get; init; }

    /// <summary>Time it took, for a person; null for an unfinished job.</summary>
    public required string? Duration { get; init; }

    /// <summary>From what is shown of a job.</summary>
    public static JobJson Of(JobView view)
    {
        var job = view.Job;
        return new JobJson
        {
            Id = job.Id,
            Kind = job.Kind,
            KindLabel = view.KindLabel,
            Title = job.Title,
            JobClass = job.JobClass,
            Summary = job.Summary,
            WorkspaceRoot = job.WorkspaceRoot,
            Cwd = job.Cwd,
            Write = job.Write,
            Sandbox = job.Sandbox,
            Model = job.Model,
            Effort = job.Effort,
            Status = JobView.Word(job.Status),
            Phase = job.Phase,
            ThreadId = job.ThreadId,
            TurnId = job.TurnId,
            SessionId = job.SessionId,
            Pid = job.Pid,
            LogFile = job.LogFile,
            CreatedAt = JobView.Time(job.CreatedAt),
            StartedAt = JobView.Time(job.StartedAt),
            UpdatedAt = JobView.Time(job.UpdatedAt),
            CompletedAt = JobView.Time(job.CompletedAt),
            CollectedAt = JobView.Time(job.CollectedAt),
            ErrorCode = job.ErrorCode,
            ErrorMessage = job.ErrorMessage,
            ExitCode = job.ExitCode,
            TouchedFiles = job.TouchedFiles,
            Usage = job.Usage,
            RecoveryNotes = job.RecoveryNotes,
            Stop = job.Stop,
            ProgressPreview = view.Progress,
            Elapsed = view.Elapsed,
            Duration = view.Duration,
        };
    }
}

/// <summary>The settings of a workspace, as <c>status --json</c> shows them.</summary>
internal sealed record StatusConfigJson(bool StopReviewGate);

/// <summary><c>status --json</c>; the members of the Node runtime.</summary>
internal sealed record StatusJson(
    string WorkspaceRoot,
    StatusConfigJson Config,
    SessionRuntimeJson SessionRuntime,
    IReadOnlyList<JobJson> Running,
    JobJson? LatestFinished,
    IReadOnlyList<JobJson> Recent,
    bool NeedsReview,
    StatusStopReviewJson? LastStopReview);

/// <summary>What the review gate last said in this workspace: allow, block, or none when it could not.</summary>
internal sealed record StatusStopReviewJson(string Verdict, string? Summary, string? SessionId, string? At);

/// <summary><c>status JOB --json</c>.</summary>
internal sealed record JobStatusJson(string WorkspaceRoot, JobJson Job);

/// <summary><c>status JOB --wait --json</c>.</summary>
internal sealed record WaitedStatusJson(string WorkspaceRoot, JobJson Job, bool WaitTimedOut, double TimeoutMs);

/// <summary><c>result --json</c>.</summary>
internal sealed record ResultJson(JobJson Job, StoredJobJson StoredJob);

/// <summary>The large members of a record, and what a script needs of the others.</summary>
internal sealed record StoredJobJson(
    string Id,
    string Status,
    string? Title,
    string? ThreadId,
    string? TurnId,
    int? ExitCode,
    string? ErrorCode,
    string? ErrorMessage,
    JsonElement? Request,
    JsonElement? Result,
    string? Rendered);

/// <summary><c>wait --json</c>.</summary>
internal sealed record WaitJson(bool TimedOut, IReadOnlyList<ResultJson> Jobs);

/// <summary><c>cancel --json</c>; the first members are those of the Node runtime.</summary>
internal sealed record CancelJson(
    string JobId, string Status, string? Title, bool TurnInterruptAttempted, bool TurnInterrupted, StopJson Proof);

/// <summary><c>task-resume-candidate --json</c>; the members of the Node runtime.</summary>
internal sealed record ResumeCandidateJson(bool Available, string? SessionId, CandidateJson? Candidate);

/// <summary>The job whose thread would be continued.</summary>
internal sealed record CandidateJson(
    string Id, string Status, string? Title, string? Summary, string? ThreadId, string? CompletedAt, string? UpdatedAt);

/// <summary><c>prune --json</c>.</summary>
internal sealed record PruneJson(bool DryRun, IReadOnlyList<PrunedJson> Workspaces);

/// <summary>What was removed, or would be, of one workspace.</summary>
internal sealed record PrunedJson(string Workspace, IReadOnlyList<string> Removed, int Kept);

/// <summary>A line of <c>events --json</c> and of <c>logs -f --json</c>.</summary>
/// <param name="V">Version of this shape.</param>
/// <param name="Cursor">Give it to <c>--since</c> to go on after this line.</param>
/// <param name="JobId">The job.</param>
/// <param name="Type">line, block or end.</param>
/// <param name="Time">When; null where the log does not tell.</param>
/// <param name="Text">The line, or the title of the block.</param>
/// <param name="Body">The block; null for a line.</param>
/// <param name="Status">How the job ended; null before its end.</param>
/// <param name="ExitCode">The exit code of its outcome; null before its end.</param>
internal sealed record EventJson(
    int V, long Cursor, string JobId, string Type, string? Time, string Text, string? Body, string? Status, int? ExitCode);

/// <summary><c>logs --json</c>.</summary>
internal sealed record LogJson(string JobId, string? LogFile, long Cursor, IReadOnlyList<EventJson> Entries);
