using CodexCompanion.Pipeline.Turns;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Configuration;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Jobs;

/// <summary>From the outcome of a task's turn to what is recorded, printed and answered as exit code.</summary>
internal static class TaskEnding
{
    /// <summary>Works it out.</summary>
    public static JobEnd Of(TurnRequest request, Outcome outcome, RunFacts facts)
    {
        var threadId = outcome.Result?.ThreadId ?? facts.ThreadId ?? request.ThreadId;
        var error = JobErrors.Of(outcome, "task", threadId, facts.Names);
        var json = Shape(request, outcome, threadId, facts, error);
        return new JobEnd
        {
            Outcome = outcome,
            Error = error,
            Result = error is null
                ? JsonText.Element(json, ToolJson.Default.TaskJson)
                : JsonText.Element(FailedTaskJson.From(json, ErrorDetail.Of(error)), ToolJson.Default.FailedTaskJson),
            Rendered = outcome.Result?.FinalText,
            ExitCode = json.ExitCode,
        };
    }

    private static TaskJson Shape(TurnRequest request, Outcome outcome, string? threadId, RunFacts facts, CommandError? error)
    {
        var result = outcome.Result ?? new TurnResult();
        return new TaskJson
        {
            Status = error is null ? 0 : 1,
            ThreadId = threadId,
            RawOutput = result.FinalText,
            TouchedFiles = result.TouchedFiles,
            ReasoningSummary = result.ReasoningSummary,
            JobId = request.JobId,
            TurnId = result.TurnId,
            Model = result.Model ?? request.Model,
            Effort = result.Effort ?? request.Effort,
            Sandbox = ConfigWords.Of(result.Sandbox ?? request.Sandbox),
            Cwd = request.Cwd,
            Usage = result.Usage,
            RecoveryNotes = facts.Notes,
            ExitCode = facts.ExitCodeOf(error),
        };
    }
}
