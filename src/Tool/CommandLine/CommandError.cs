using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;

namespace CodexCompanion.Tool.CommandLine;

/// <summary>Why a command ends without its result, for people and for programs.</summary>
/// <param name="Code">Stable code.</param>
/// <param name="Message">One sentence.</param>
/// <param name="Hint">What to do; null when there is nothing to say.</param>
/// <param name="Retryable">Whether the same command may succeed when it is simply given again, without doing anything twice.</param>
/// <param name="ExitCode">The exit code.</param>
internal sealed record CommandError(string Code, string Message, string? Hint, bool Retryable, int ExitCode)
{
    private const string SeeDoctor = $"{CommandApplication.ToolName} doctor says more, and puts right what is safe to.";

    /// <summary>The command line, or a file it names, is wrong.</summary>
    public static CommandError Usage(string message, string? hint = null) => new("usage", message, hint, Retryable: false, ExitCodes.Usage);

    /// <summary>The configuration is wrong.</summary>
    public static CommandError Config(string message) => new("config", message, Hint: null, Retryable: false, ExitCodes.Usage);

    /// <summary>The environment names no place where the state could lie.</summary>
    public static CommandError NoStateRoot(StateRoot.Refused refused) => Config(refused.Sentence);

    /// <summary>The state cannot be read or written.</summary>
    public static CommandError State(string message) => new("state", message, SeeDoctor, Retryable: false, ExitCodes.Failed);

    /// <summary>The state cannot be read or written, or somebody else holds its lock.</summary>
    public static CommandError State(StateStoreException refused) => refused.Failure == StateFailure.LockTimeout
        ? new CommandError("busy", refused.Message, $"{CommandApplication.ToolName} doctor names who holds it, and how to end that.", Retryable: true, ExitCodes.Busy)
        : State(refused.Message);

    /// <summary>Nothing matched.</summary>
    public static CommandError NothingMatched(string message) => new("not-found", message, Hint: null, Retryable: false, ExitCodes.Failed);

    /// <summary>A run failed.</summary>
    public static CommandError Of(Outcome.Failed failed, string? hint) => new(
        FailureCodes.Of(failed.Kind),
        failed.Message,
        hint,
        // A lost connection is not among them: the turn may have changed files before.
        failed.Kind is FailureKind.Capacity or FailureKind.Busy,
        ExitCodes.Of(failed.Kind));
}

/// <summary>A value, or why there is none.</summary>
/// <param name="Value">The value; not null exactly when <paramref name="Error"/> is null.</param>
/// <param name="Error">Why there is none.</param>
internal sealed record Attempt<T>(T? Value, CommandError? Error)
    where T : class
{
    /// <summary>A value.</summary>
    public static implicit operator Attempt<T>(T value) => new(value, Error: null);

    /// <summary>No value.</summary>
    public static implicit operator Attempt<T>(CommandError error) => new(null, error);
}
