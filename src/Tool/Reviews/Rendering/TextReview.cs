using System.Text;
using CodexCompanion.Tool.Reviews.Findings;
using CodexCompanion.Tool.Reviews.Ledger;

namespace CodexCompanion.Tool.Reviews.Rendering;

/// <summary>A review for people.</summary>
internal static class TextReview
{
    /// <summary>The text.</summary>
    public static string Render(ReviewView view)
    {
        var text = new StringBuilder();
        var isNative = view.Kind == ReviewKinds.Native;
        text.Append(isNative ? "# Codex Review\n\n" : "# Codex Adversarial Review\n\n");
        text.Append($"Target: {Line(view.Target.Label)}\n");
        text.Append($"Reviewed: {Line(view.Target.Compared)}{(view.Target.Paths.Count == 0 ? "" : $", only {Line(string.Join(", ", view.Target.Paths))}")}\n");
        foreach (var remark in view.Remarks)
            text.Append($"Note: {Line(remark)}\n");
        if (isNative)
            Native(view, text);
        else
            Adversarial(view, text);

        if (view.Since is { } since)
            text.Append($"\nSince the last review: {since}\n");
        foreach (var gone in view.Fixed)
            text.Append($"- fixed: {Line(gone.Title ?? "")} ({Finding.Shown(gone.File)}) {gone.Id}\n");
        if (view.Reasoning.Count > 0)
        {
            text.Append("\nReasoning:\n");
            foreach (var thought in view.Reasoning)
                text.Append($"- {Line(thought)}\n");
        }

        return text.ToString().TrimEnd('\n');
    }

    // The reviewer's own text, as it was but for what steers a terminal; below it only what it cannot know.
    private static void Native(ReviewView view, StringBuilder text)
    {
        text.Append('\n').Append(Tool.Rendering.Plain.Lines(view.Raw).TrimEnd('\n')).Append('\n');
        if (view.Reason is not null)
            text.Append($"\nNote: {Line(view.Reason)}\n");
        if (view.Findings.Count == 0)
            return;
        text.Append("\nFindings:\n");
        foreach (var known in view.Findings)
            text.Append(Head(known)).Append('\n');
    }

    private static void Adversarial(ReviewView view, StringBuilder text)
    {
        var report = view.Report!;
        text.Append($"Verdict: {report.Verdict}\n\n{Tool.Rendering.Plain.Lines(report.Summary)}\n\n");
        if (view.Findings.Count == 0)
            text.Append("No material findings.\n");
        else
            text.Append("Findings:\n");
        foreach (var known in view.Findings)
        {
            text.Append(Head(known)).Append('\n');
            text.Append(Indented(known.Finding.Body));
            if (known.Finding.Recommendation.Length > 0)
                text.Append(Indented("Recommendation: " + known.Finding.Recommendation));
        }

        if (report.NextSteps.Count == 0)
            return;
        text.Append("\nNext steps:\n");
        foreach (var step in report.NextSteps)
            text.Append($"- {Line(step)}\n");
    }

    private static string Head(KnownFinding known)
    {
        var news = known.News switch
        {
            FindingNews.New => "",
            FindingNews.Still => ", still there",
            FindingNews.Accepted => ", accepted",
            _ => ", marked wrong",
        };
        return $"- [{FindingsSchema.Of(known.Finding.Severity)}] {Line(known.Finding.Title)} ({known.Finding.Place}) {known.Id}{news}";
    }

    private static string Indented(string block) =>
        string.Concat(Tool.Rendering.Plain.Lines(block).Split('\n').Select(line => $"  {line}".TrimEnd() + "\n"));

    private static string Line(string text) => Tool.Rendering.Plain.OneLine(text);
}
