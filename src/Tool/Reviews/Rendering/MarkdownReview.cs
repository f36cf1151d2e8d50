using System.Text;
using CodexCompanion.Tool.Reviews.Findings;
using CodexCompanion.Tool.Reviews.Ledger;

namespace CodexCompanion.Tool.Reviews.Rendering;

/// <summary>A review as a comment on a pull request.</summary>
internal static class MarkdownReview
{
    /// <summary>The comment.</summary>
    public static string Render(ReviewView view)
    {
        var text = new StringBuilder();
        text.Append($"## {(view.Kind == ReviewKinds.Native ? "Codex review" : "Codex adversarial review")}: {HarmlessMarkdown.Inline(view.Target.Label)}\n\n");
        text.Append($"Reviewed {HarmlessMarkdown.Inline(view.Target.Compared)}.\n\n");
        if (view.Report is not { } report)
        {
            text.Append($"> {HarmlessMarkdown.Inline(view.Reason ?? "")}\n\n{Fenced(view.Raw)}\n");
            return text.ToString().TrimEnd('\n');
        }

        text.Append($"**{report.Verdict}**: {HarmlessMarkdown.Of(report.Summary, startsLine: false)}\n\n");
        if (view.Findings.Count > 0)
        {
            text.Append("| | finding | where | |\n|---|---|---|---|\n");
            foreach (var known in view.Findings)
                text.Append($"| {FindingsSchema.Of(known.Finding.Severity)} | {Cell(known.Finding.Title)} | {Code(known.Finding.Place)} | {Word(known.News)} |\n");
            text.Append('\n');
        }

        foreach (var known in view.Findings.Where(f => f.Counts))
        {
            text.Append($"### {FindingsSchema.Of(known.Finding.Severity)}: {HarmlessMarkdown.Inline(known.Finding.Title)}\n\n{Code(known.Finding.Place)} · {known.Id}\n\n");
            text.Append($"{HarmlessMarkdown.Of(known.Finding.Body, startsLine: true)}\n\n");
            if (known.Finding.Recommendation.Length > 0)
                text.Append($"**Recommendation:** {HarmlessMarkdown.Of(known.Finding.Recommendation, startsLine: false)}\n\n");
        }

        if (report.NextSteps.Count > 0)
            text.Append("**Next steps**\n\n").Append(string.Concat(report.NextSteps.Select(step => $"- {HarmlessMarkdown.Inline(step)}\n"))).Append('\n');
        foreach (var remark in view.Remarks)
            text.Append($"> {HarmlessMarkdown.Inline(remark)}\n");
        if (view.Since is { } since)
            text.Append($"\nSince the last review: {since}\n");
        return text.ToString().TrimEnd('\n');
    }

    private static string Word(FindingNews news) => news switch
    {
        FindingNews.New => "new",
        FindingNews.Still => "still there",
        FindingNews.Accepted => "accepted",
        _ => "wrong",
    };

    private static string Cell(string text) => HarmlessMarkdown.Inline(text).Replace("|", "\\|", StringComparison.Ordinal);

    private static string Code(string text)
    {
        var line = Tool.Rendering.Plain.OneLine(text).Replace("|", "\\|", StringComparison.Ordinal);
        var ticks = new string('`', LongestRun(line) + 1);
        return ticks.Length == 1 ? $"`{line}`" : $"{ticks} {line} {ticks}";
    }

    private static string Fenced(string text)
    {
        var plain = Tool.Rendering.Plain.Lines(text).TrimEnd('\n');
        var fence = new string('`', Math.Max(3, LongestRun(plain) + 1));
        return $"{fence}text\n{plain}\n{fence}";
    }

    private static int LongestRun(string text)
    {
        var (longest, run) = (0, 0);
        foreach (var c in text)
        {
            run = c == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        return longest;
    }
}
