using CodexCompanion.Pipeline.Turns;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;

namespace CodexCompanion.Tool.Jobs;

/// <summary>What is reported of a job's outcome, the same for every kind.</summary>
internal static class JobErrors
{
    /// <summary>Stable code of a job that ended on request.</summary>
    public const string CancelledCode = "cancelled";

    /// <summary>The error; null for a completed job.</summary>
    /// <param name="outcome">The outcome.</param>
    /// <param name="noun">What the job is called in a sentence: task, review.</param>
    /// <param name="threadId">The thread to continue; null when there is none.</param>
    /// <param name="names">How commands are called where it was started.</param>
    public static CommandError? Of(Outcome outcome, string noun, string? threadId, CommandNames names) => outcome switch
    {
        Outcome.Completed => null,
        Outcome.Failed failed => CommandError.Of(failed, Hint(failed, threadId, names)),
        Outcome.Cancelled cancelled => new CommandError(
            CancelledCode, Cancelled(cancelled.Proof, noun), threadId is null ? null : names.ToContinue(threadId), Retryable: false, ExitCodes.Cancelled),
        _ => throw new InvalidOperationException("An outcome is closed."),
    };

    private static string? Hint(Outcome.Failed failed, string? threadId, CommandNames names)
    {
        if (threadId is null || failed.Kind == FailureKind.ThreadNotFound)
            return failed.Hint;
        return failed.Hint is null ? names.ToContinue(threadId) : $"{failed.Hint} {names.ToContinue(threadId)}";
    }

    /// <summary>The sentence on a job that was stopped.</summary>
    public static string Cancelled(StopProof proof, string noun) => proof switch
    {
        { ProcessesLeft: [_, ..] left } => $"The {noun} was cancelled; still running: {string.Join(", ", left)}.",
        { TurnEnded: false } => $"The {noun} was cancelled, but its turn is not known to have ended. {proof.Detail}",
        _ => $"The {noun} was cancelled.",
    };
}
