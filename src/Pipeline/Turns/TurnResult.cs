using System.Text.Json;

namespace CodexCompanion.Pipeline.Turns;

/// <summary>A command the turn ran.</summary>
/// <param name="Command">The command line.</param>
/// <param name="ExitCode">Its exit code; null when it has none (declined, still running).</param>
/// <param name="Status">The server's word: completed, failed, declined, inProgress.</param>
public sealed record TurnCommand(string Command, int? ExitCode, string Status);

/// <summary>What a turn brought, finished or not.</summary>
public sealed record TurnResult
{
    /// <summary>The last message of the main thread; empty when there was none.</summary>
    public string FinalText { get; init; } = "";

    /// <summary>The thread.</summary>
    public string? ThreadId { get; init; }

    /// <summary>The turn.</summary>
    public string? TurnId { get; init; }

    /// <summary>The model the server resolved.</summary>
    public string? Model { get; init; }

    /// <summary>The effort the server resolved.</summary>
    public string? Effort { get; init; }

    /// <summary>The sandbox the server gave it, which may be less than was asked for; null when that is not known.</summary>
    public SandboxMode? Sandbox { get; init; }

    /// <summary>Files changed by the turn, relative to its working directory where they lie below it, in order, each once.</summary>
    public IReadOnlyList<string> TouchedFiles { get; init; } = [];

    /// <summary>Commands the main thread ran, in order.</summary>
    public IReadOnlyList<TurnCommand> Commands { get; init; } = [];

    /// <summary>Summaries of the model's reasoning, in order.</summary>
    public IReadOnlyList<string> ReasoningSummary { get; init; } = [];

    /// <summary>The server's last token count (<c>thread/tokenUsage/updated</c>); null when it sent none.</summary>
    public JsonElement? Usage { get; init; }

    /// <summary>The native reviewer's report (<c>exitedReviewMode</c>); null when no review ran.</summary>
    public string? Review { get; init; }

    /// <summary>The sentence of a sandbox that let none of the turn's commands run; null when that is not so.</summary>
    public string? SandboxFailure { get; init; }

    /// <summary>Whether the end was inferred because <c>turn/completed</c> never came.</summary>
    public bool EndInferred { get; init; }
}
