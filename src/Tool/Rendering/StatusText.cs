using System.Text;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Jobs;

namespace CodexCompanion.Tool.Rendering;

/// <summary>What <c>status</c> prints for people (and for the model that runs the slash command): headings and lines of the Node runtime.</summary>
internal static class StatusText
{
    /// <summary>The report of a workspace.</summary>
    public static string Of(StatusReport report)
    {
        var text = new StringBuilder();
        Line(text, "# Codex Status");
        Line(text, "");
        Line(text, $"Session runtime: {report.Runtime.Label}");
        Line(text, $"Review gate: {(report.ReviewGate ? "enabled" : "disabled")}");
        if (report.LastStopReview is { } last)
            Line(text, $"Last stop-time review: {last.Verdict}, {JobView.Time(last.At)}: {Plain.OneLine(last.Summary ?? "")}");
        Line(text, "");
        if (report.Running.Count > 0)
        {
            Line(text, "Active jobs:");
            Table(text, report.Running);
            Line(text, "");
            Line(text, "Live details:");
            foreach (var job in report.Running)
                Details(text, job);
            Line(text, "");
        }

        if (report.LatestFinished is { } latest)
        {
            Line(text, "Latest finished:");
            Details(text, latest);
            Line(text, "");
        }

        if (report.Recent.Count > 0)
        {
            Line(text, "Recent jobs:");
            foreach (var job in report.Recent)
                Details(text, job);
            Line(text, "");
        }

        if (report.Running.Count == 0 && report.LatestFinished is null)
            Line(text, "No jobs recorded yet.");
        if (report.ReviewGate)
            Line(text, "The review gate is on: the end of a Claude session's turn is reviewed first.");
        return text.ToString().TrimEnd('\n') + "\n";
    }

    /// <summary>One job.</summary>
    public static string Of(JobView job)
    {
        var text = new StringBuilder();
        Line(text, "# Codex Job Status");
        Line(text, "");
        Details(text, job);
        return text.ToString();
    }

    private static void Table(StringBuilder text, IReadOnlyList<JobView> jobs)
    {
        Line(text, "| Job | Kind | Status | Phase | Elapsed | Codex Session ID | Summary | Actions |");
        Line(text, "| --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var view in jobs)
        {
            var job = view.Job;
            var actions = $"`/codex:status {job.Id}`<br>`/codex:cancel {job.Id}`";
            string?[] cells = [job.Id, view.KindLabel, JobView.Word(job.Status), job.Phase, view.Elapsed, job.ThreadId, job.Summary];
            Line(text, $"| {string.Join(" | ", cells.Select(Cell))} | {actions} |");
        }
    }

    private static void Details(StringBuilder text, JobView view)
    {
        var job = view.Job;
        Line(text, "- " + string.Join(" | ", new[] { job.Id, JobView.Word(job.Status), view.KindLabel, job.Title }.Where(part => part is not null).Select(part => Plain.OneLine(part!))));
        Detail(text, "Summary", job.Summary);
        Detail(text, "Phase", job.Phase);
        Detail(text, "Elapsed", view.Elapsed);
        Detail(text, "Duration", view.Duration);
        Detail(text, "Codex session ID", job.ThreadId);
        Detail(text, "Resume in Codex", ResumeCandidate.ThreadOf(job) is { } thread ? $"codex resume {thread}" : null);
        if (job.Status is JobStatus.Failed or JobStatus.Cancelled)
            Detail(text, "Error", job.ErrorMessage);
        if (job.Status == JobStatus.Failed)
            Detail(text, "Log", job.LogFile);
        if (view.Progress.Count == 0)
            return;
        Line(text, "  Progress:");
        foreach (var line in view.Progress)
            Line(text, "    " + Plain.OneLine(line));
    }

    private static void Detail(StringBuilder text, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            Line(text, $"  {name}: {Plain.OneLine(value)}");
    }

    // A pipe in a summary would begin a new cell.
    private static string Cell(string? value) => Plain.OneLine(value ?? "").Replace("|", "\\|", StringComparison.Ordinal);

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
