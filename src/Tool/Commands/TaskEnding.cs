using CodexCompanion.Pipeline.Turns;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Configuration;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Commands;

/// <summary>From an outcome to what is recorded, printed and answered as exit code.</summary>
internal static class TaskEnding
{
    /// <summary>Works it out.</summary>
    /// <param name="plan">The task.</param>
    /// <param name="outcome">How its run ended.</param>
    /// <param name="narrator">What was heard meanwhile.</param>
    /// <param name="signal">The signal that asked the run to stop; null for none.</param>
    /// <param name="names">How commands are called here.</param>
    public static JobEnd Of(TaskPlan plan, Outcome outcome, RunNarrator narrator, int? signal, CommandNames names)
    {
        var threadId = outcome.Result?.ThreadId ?? narrator.ThreadId ?? plan.Request.ThreadId;
        var error = ErrorOf(outcome, threadId, names);
        // A run that was asked to stop and had already completed is complete.
        var exitCode = error is null ? ExitCodes.Done : signal is { } number ? ExitCodes.SignalBase + number : error.ExitCode;
        var json = Shape(plan, outcome, threadId, narrator.Notes, exitCode, error);
        return new JobEnd(outcome, error, json);
    }

    /// <summary>The object of <c>--json</c>, in one line.</summary>
    public static string JsonLine(TaskJson json) => json is FailedTaskJson failed
        ? JsonText.Line(failed, ToolJson.Default.FailedTaskJson)
        : JsonText.Line(json, ToolJson.Default.TaskJson);

    private static CommandError? ErrorOf(Outcome outcome, string? threadId, CommandNames names) => outcome switch
    {
        Outcome.Completed => null,
        Outcome.Failed failed => CommandError.Of(failed, Hint(failed, threadId, names)),
        Outcome.Cancelled cancelled => new CommandError(
            "cancelled", Cancelled(cancelled.Proof), threadId is null ? null : names.ToContinue(threadId), Retryable: false, ExitCodes.Cancelled),
        _ => throw new InvalidOperationException("An outcome is closed."),
    };

    private static string? Hint(Outcome.Failed failed, string? threadId, CommandNames names)
    {
        if (threadId is null || failed.Kind == FailureKind.ThreadNotFound)
            return failed.Hint;
        return failed.Hint is null ? names.ToContinue(threadId) : $"{failed.Hint} {names.ToContinue(threadId)}";
    }

    private static string Cancelled(StopProof proof) => proof switch
    {
        { ProcessesLeft: [_, ..] left } => $"The task was cancelled; still running: {string.Join(", ", left)}.",
        { TurnEnded: false } => $"The task was cancelled, but its turn is not known to have ended. {proof.Detail}",
        _ => "The task was cancelled.",
    };

    private static TaskJson Shape(
        TaskPlan plan, Outcome outcome, string? threadId, IReadOnlyList<string> notes, int exitCode, CommandError? error)
    {
        var result = outcome.Result ?? new TurnResult();
        var json = new TaskJson
        {
            Status = error is null ? 0 : 1,
            ThreadId = threadId,
            RawOutput = result.FinalText,
            TouchedFiles = result.TouchedFiles,
            ReasoningSummary = result.ReasoningSummary,
            JobId = plan.Job.Id,
            TurnId = result.TurnId,
            Model = result.Model ?? plan.Request.Model,
            Effort = result.Effort ?? plan.Request.Effort,
            Sandbox = ConfigWords.Of(plan.Request.Sandbox),
            Cwd = plan.Request.Cwd,
            Usage = result.Usage,
            RecoveryNotes = notes,
            ExitCode = exitCode,
        };
        return error is null ? json : FailedTaskJson.From(json, ErrorDetail.Of(error));
    }
}
