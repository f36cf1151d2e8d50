using System.Text.Json;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.StateStore.Records;

/// <summary>Where a job stands. It moves forward only: queued, running, then one of the three ends.</summary>
public enum JobStatus
{
    /// <summary>Recorded, not yet started.</summary>
    Queued,

    /// <summary>A worker or a foreground run works on it.</summary>
    Running,

    /// <summary>Done.</summary>
    Completed,

    /// <summary>Ended without a result; the error says why.</summary>
    Failed,

    /// <summary>Ended on request.</summary>
    Cancelled,
}

/// <summary>
/// One job, as <c>jobs/&lt;id&gt;.json</c> holds it: the truth about that job. Members may be missing in records of the old runtime,
/// so everything but the id can be null.
/// </summary>
public sealed record JobRecord
{
    /// <summary>Newest layout of this file that this version reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Layout of this record; 0 when the file has none (the old runtime's).</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Unique over all workspaces; begins <c>task-</c> or <c>review-</c>.</summary>
    public required string Id { get; init; }

    /// <summary>rescue (a task), review, adversarial-review or stop-review.</summary>
    public string? Kind { get; init; }

    /// <summary>The word <c>status</c> shows for the kind.</summary>
    public string? KindLabel { get; init; }

    /// <summary>A short title.</summary>
    public string? Title { get; init; }

    /// <summary>task or review.</summary>
    public string? JobClass { get; init; }

    /// <summary>The request in one line.</summary>
    public string? Summary { get; init; }

    /// <summary>Root of the workspace it belongs to.</summary>
    public string? WorkspaceRoot { get; init; }

    /// <summary>Directory it runs in.</summary>
    public string? Cwd { get; init; }

    /// <summary>Whether it may change files.</summary>
    public bool Write { get; init; }

    /// <summary>Resolved sandbox mode: read-only, workspace-write or danger-full-access.</summary>
    public string? Sandbox { get; init; }

    /// <summary>Resolved model, as the server named it.</summary>
    public string? Model { get; init; }

    /// <summary>Resolved reasoning effort.</summary>
    public string? Effort { get; init; }

    /// <summary>Where the job stands.</summary>
    public JobStatus Status { get; init; }

    /// <summary>What it is doing, in a word or two: starting, investigating, editing, verifying, retrying, finalizing, done…</summary>
    public string? Phase { get; init; }

    /// <summary>Codex thread.</summary>
    public string? ThreadId { get; init; }

    /// <summary>Codex turn.</summary>
    public string? TurnId { get; init; }

    /// <summary>The id under which the turn's prompt was sent (<c>clientUserMessageId</c>); recovery looks for it.</summary>
    public string? ClientMessageId { get; init; }

    /// <summary>Claude session that started it; null when none did.</summary>
    public string? SessionId { get; init; }

    /// <summary>PID of the process that works on it; null when none does.</summary>
    public int? Pid { get; init; }

    /// <summary>Identity of that process.</summary>
    public ProcessIdentity? Process { get; init; }

    /// <summary>The app-server its turn runs in; null while that is not known. Recovery proves this one gone, and no other.</summary>
    public ProcessIdentity? AppServer { get; init; }

    /// <summary>Where the broker of that app-server listens; null when the turn runs on an app-server of its own.</summary>
    public string? BrokerEndpoint { get; init; }

    /// <summary>Path of its log.</summary>
    public string? LogFile { get; init; }

    /// <summary>When it was recorded.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When work on it began.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the record last changed.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>When its result was handed to somebody; null while nobody has it.</summary>
    public DateTimeOffset? CollectedAt { get; init; }

    /// <summary>When somebody asked for it to be cancelled; an end that is not a completion is a cancel from then on.</summary>
    public DateTimeOffset? CancelRequestedAt { get; init; }

    /// <summary>What stopping it proved: whether the turn was interrupted and has ended, and which processes are left; null when it was
    /// not stopped.</summary>
    public JsonElement? Stop { get; init; }

    /// <summary>When recovery looked for the result of a lost worker's job; it looks once. Set together with what it found.</summary>
    public DateTimeOffset? RecoveryTriedAt { get; init; }

    /// <summary>Stable code of what went wrong (<see cref="JobErrorCodes"/> has the store's own); null when nothing did.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>What went wrong, in a sentence.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>Exit code that belongs to the outcome; null while there is none.</summary>
    public int? ExitCode { get; init; }

    /// <summary>What was asked for, enough to run it.</summary>
    public JsonElement? Request { get; init; }

    /// <summary>What came out, as <c>--json</c> shows it.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>What came out, as text for a person.</summary>
    public string? Rendered { get; init; }

    /// <summary>Files the turn changed, relative to the working directory where they lie below it.</summary>
    public IReadOnlyList<string>? TouchedFiles { get; init; }

    /// <summary>Tokens used, as the server counted them.</summary>
    public JsonElement? Usage { get; init; }

    /// <summary>What had to be done to get the result (fallback, recovery), a sentence each.</summary>
    public IReadOnlyList<string>? RecoveryNotes { get; init; }

    /// <summary>Members this version does not know; they survive a rewrite.</summary>
    public Dictionary<string, JsonElement>? Extra { get; init; }

    /// <summary>Whether the job has ended.</summary>
    public bool IsFinished => Status is JobStatus.Completed or JobStatus.Failed or JobStatus.Cancelled;

    /// <summary>When it ended, or else was last heard of, as well as the record tells; null for a record without any time.</summary>
    public DateTimeOffset? EndedAt => CompletedAt ?? UpdatedAt ?? StartedAt ?? CreatedAt;
}
