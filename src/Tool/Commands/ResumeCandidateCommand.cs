using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Commands;

/// <summary><c>task-resume-candidate</c>: which thread <c>task --resume</c> would continue.</summary>
internal static class ResumeCandidateCommand
{
    /// <summary>The command.</summary>
    public static CommandSpec Spec { get; } = new("task-resume-candidate", "Show which thread task --resume would continue.")
    {
        Run = RunAsync,
        Examples = ["codex-companion task-resume-candidate", "codex-companion task-resume-candidate --json"],
    };

    private static async Task<int> RunAsync(CommandCall call, ToolHost host)
    {
        var opened = JobScope.Open(call, host);
        if (opened.Value is not { } scope)
            return Reporter.Fail(host.Streams, opened.Error!, call.Json);
        var candidate = await scope.Reconciler.FindAsync(scope.Store, host.SessionId, jobs => ResumeCandidate.Among(jobs, host.SessionId));
        var shown = new ResumeCandidateJson(
            candidate is not null,
            host.SessionId,
            candidate is null
                ? null
                : new CandidateJson(
                    candidate.Id,
                    JobView.Word(candidate.Status),
                    candidate.Title,
                    candidate.Summary,
                    candidate.ThreadId,
                    JobView.Time(candidate.CompletedAt),
                    JobView.Time(candidate.UpdatedAt)));
        var text = candidate is null
            ? "No resumable task found for this session.\n"
            : $"Resumable task found: {candidate.Id} ({JobView.Word(candidate.Status)}).\n{Plain.OneLine(candidate.Summary ?? "")}\nCodex session ID: {candidate.ThreadId}\n";
        Reporter.TryPrint(host.Streams, call.Json ? JsonText.Line(shown, ToolJson.Default.ResumeCandidateJson) + "\n" : text);
        return ExitCodes.Done;
    }
}
