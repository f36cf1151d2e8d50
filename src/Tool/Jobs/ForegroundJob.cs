using System.Text.Json;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Jobs;

/// <summary>How a foreground run ended, with everything that is recorded and printed of it.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Error">The error to report; null for a completed run.</param>
/// <param name="Json">The result as <c>--json</c> shows it.</param>
internal sealed record JobEnd(Outcome Outcome, CommandError? Error, TaskJson Json);

/// <summary>The end of a job in its record.</summary>
internal static class ForegroundJob
{
    /// <summary>Records the end. A job somebody cancelled meanwhile stays cancelled.</summary>
    /// <returns>Why it could not be recorded; null when it was.</returns>
    public static string? RecordEnd(IStateStore store, string jobId, JobEnd end)
    {
        try
        {
            var read = store.UpdateJob(jobId, job => Ended(job, end));
            return read.Value is null ? read.Detail ?? "Its record has gone." : null;
        }
        catch (StateStoreException refused)
        {
            return refused.Message;
        }
    }

    /// <summary>Records that somebody has the result.</summary>
    public static void RecordCollected(IStateStore store, string jobId, DateTimeOffset now)
    {
        try
        {
            store.UpdateJob(jobId, job => job with { CollectedAt = job.CollectedAt ?? now });
        }
        catch (StateStoreException)
        {
            // The result is printed; unmarked, it is merely kept for longer.
        }
    }

    private static JobRecord Ended(JobRecord job, JobEnd end)
    {
        var result = end.Outcome.Result;
        var (status, phase) = end.Outcome switch
        {
            Outcome.Completed => (JobStatus.Completed, "done"),
            Outcome.Cancelled => (JobStatus.Cancelled, "cancelled"),
            _ => (JobStatus.Failed, "failed"),
        };
        return job with
        {
            Status = status,
            Phase = phase,
            Pid = null,
            ThreadId = end.Json.ThreadId ?? job.ThreadId,
            TurnId = end.Json.TurnId ?? job.TurnId,
            Model = end.Json.Model ?? job.Model,
            Effort = end.Json.Effort ?? job.Effort,
            ErrorCode = end.Error?.Code,
            ErrorMessage = end.Error?.Message,
            ExitCode = end.Json.ExitCode,
            Result = ResultElement(end.Json),
            Rendered = result?.FinalText,
            TouchedFiles = end.Json.TouchedFiles,
            Usage = end.Json.Usage,
            RecoveryNotes = end.Json.RecoveryNotes,
        };
    }

    private static JsonElement ResultElement(TaskJson json) => json is FailedTaskJson failed
        ? JsonText.Element(failed, ToolJson.Default.FailedTaskJson)
        : JsonText.Element(json, ToolJson.Default.TaskJson);
}
