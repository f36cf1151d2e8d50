using System.Text.Json;
using CodexCompanion.Tool.CommandLine;

namespace CodexCompanion.Tool.Rendering;

/// <summary>The error object of <c>--json</c>.</summary>
internal sealed record ErrorDetail(string Code, string Message, string? Hint, bool Retryable)
{
    /// <summary>From an error.</summary>
    public static ErrorDetail Of(CommandError error) => new(error.Code, error.Message, error.Hint, error.Retryable);
}

/// <summary>What <c>--json</c> prints when a command ends without its result.</summary>
internal sealed record ErrorJson(ErrorDetail Error);

/// <summary>The line a foreground run writes to stderr as soon as job and thread are known.</summary>
internal sealed record LaunchJson(string JobId, string ThreadId);

/// <summary><c>--version --json</c>.</summary>
internal sealed record VersionJson(string Name, string Version);

/// <summary><c>--help --json</c>.</summary>
internal sealed record HelpJson(string Command, string Help);

/// <summary>
/// What <c>task --json</c> prints. The first five members are those of the Node runtime, with its values: status is 0 for a completed
/// turn, 1 otherwise.
/// </summary>
internal record TaskJson
{
    /// <summary>0 for a completed turn, 1 otherwise.</summary>
    public required int Status { get; init; }

    /// <summary>The thread.</summary>
    public required string? ThreadId { get; init; }

    /// <summary>The final message, as it was.</summary>
    public required string RawOutput { get; init; }

    /// <summary>Files changed.</summary>
    public required IReadOnlyList<string> TouchedFiles { get; init; }

    /// <summary>Summaries of the reasoning.</summary>
    public required IReadOnlyList<string> ReasoningSummary { get; init; }

    /// <summary>The job.</summary>
    public required string JobId { get; init; }

    /// <summary>The turn.</summary>
    public required string? TurnId { get; init; }

    /// <summary>Model, as the server resolved it.</summary>
    public required string? Model { get; init; }

    /// <summary>Effort, as the server resolved it.</summary>
    public required string? Effort { get; init; }

    /// <summary>Sandbox mode.</summary>
    public required string Sandbox { get; init; }

    /// <summary>Working directory.</summary>
    public required string Cwd { get; init; }

    /// <summary>Tokens used, as the server counted them.</summary>
    public required JsonElement? Usage { get; init; }

    /// <summary>What had to be done to get the result.</summary>
    public required IReadOnlyList<string> RecoveryNotes { get; init; }

    /// <summary>The exit code of the process.</summary>
    public required int ExitCode { get; init; }
}

/// <summary>What <c>task --json</c> prints when the job did not complete: the error, and what is known of the job.</summary>
internal sealed record FailedTaskJson : TaskJson
{
    /// <summary>Why.</summary>
    public required ErrorDetail Error { get; init; }

    /// <summary>Adds the error to what is known of the job.</summary>
    public static FailedTaskJson From(TaskJson json, ErrorDetail error) => new()
    {
        Status = json.Status,
        ThreadId = json.ThreadId,
        RawOutput = json.RawOutput,
        TouchedFiles = json.TouchedFiles,
        ReasoningSummary = json.ReasoningSummary,
        JobId = json.JobId,
        TurnId = json.TurnId,
        Model = json.Model,
        Effort = json.Effort,
        Sandbox = json.Sandbox,
        Cwd = json.Cwd,
        Usage = json.Usage,
        RecoveryNotes = json.RecoveryNotes,
        ExitCode = json.ExitCode,
        Error = error,
    };
}
