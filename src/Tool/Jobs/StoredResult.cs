using System.Text.Json;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Jobs;

/// <summary>The result of a finished job, out of its record.</summary>
/// <param name="Text">What it brought; empty when it brought nothing.</param>
/// <param name="Error">Why it did not complete; null when it did.</param>
/// <param name="ExitCode">The exit code that belongs to its outcome.</param>
internal sealed record StoredResult(string Text, CommandError? Error, int ExitCode)
{
    /// <summary>Reads it.</summary>
    public static StoredResult Of(JobRecord job, CommandNames names)
    {
        if (job.Status == JobStatus.Completed)
            return new StoredResult(job.Rendered ?? "", Error: null, job.ExitCode ?? ExitCodes.Done); // A review's may tell of its findings.
        var cancelled = job.Status == JobStatus.Cancelled;
        // A foreground run that a signal ended has that signal's code; for whoever asks later it simply was cancelled.
        var exitCode = cancelled ? ExitCodes.Cancelled : job.ExitCode is > 0 and var known ? known : ExitCodes.Failed;
        var error = new CommandError(
            job.ErrorCode ?? (cancelled ? JobErrors.CancelledCode : "failed"),
            job.ErrorMessage ?? (cancelled ? $"Job {job.Id} was cancelled." : $"Job {job.Id} failed, and its record does not say why."),
            ResumeCandidate.ThreadOf(job) is { } thread ? names.ToContinue(thread) : null,
            Retryable: false,
            exitCode);
        return new StoredResult(job.Rendered ?? "", error, exitCode);
    }

    /// <summary>The result as a person reads it: the text as it was, why there is no more of it, and how to go on.</summary>
    public string ForPerson(JobRecord job)
    {
        var parts = new List<string>();
        if (Text.Length > 0)
            parts.Add(Text.TrimEnd('\n'));
        if (Error is not null)
            parts.Add($"{(job.Status == JobStatus.Cancelled ? "Cancelled" : "Failed")}: {Plain.OneLine(Error.Message)}");
        if (ResumeCandidate.ThreadOf(job) is { } thread)
            parts.Add($"Codex session ID: {thread}\nResume in Codex: codex resume {thread}");
        return parts.Count == 0 ? $"Job {job.Id} brought no text.\n" : string.Join("\n\n", parts) + "\n";
    }

    /// <summary>The object a foreground run would have printed; for a job that ended without one, its error.</summary>
    public JsonElement ForProgram(JobRecord job) =>
        job.Result is { ValueKind: JsonValueKind.Object } result
            ? result
            : JsonText.Element(
                new LostJobJson(job.Id, job.ThreadId, Error is null ? null : ErrorDetail.Of(Error)), ToolJson.Default.LostJobJson);
}
