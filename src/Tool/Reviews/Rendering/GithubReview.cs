using System.Text;
using CodexCompanion.Tool.Reviews.Findings;

namespace CodexCompanion.Tool.Reviews.Rendering;

/// <summary>A review as workflow commands, which GitHub Actions shows as annotations at the lines.</summary>
internal static class GithubReview
{
    /// <summary>A line for each finding that counts, and one that sums up.</summary>
    public static string Render(ReviewView view)
    {
        var text = new StringBuilder();
        foreach (var known in view.Findings.Where(f => f.Counts))
        {
            var finding = known.Finding;
            var level = finding.Severity switch
            {
                Severity.Critical or Severity.High => "error",
                Severity.Medium => "warning",
                _ => "notice",
            };
            var message = finding.Recommendation.Length > 0 ? $"{finding.Body}\n\nRecommendation: {finding.Recommendation}" : finding.Body;
            text.Append(
                $"::{level} file={Property(finding.File)},line={finding.LineStart},endLine={finding.LineEnd},title={Property($"[{FindingsSchema.Of(finding.Severity)}] {finding.Title}")}::{Data(message)}\n");
        }

        var verdict = view.Report is { } report ? $"{report.Verdict}: {report.Summary}" : view.Reason ?? "";
        text.Append($"::notice title={Property("Codex " + view.Kind)}::{Data($"{view.Target.Label}, {view.Target.Compared}. {verdict}")}\n");
        return text.ToString().TrimEnd('\n');
    }

    // The runner's own escapes; a message can never begin a command of its own.
    private static string Data(string text) => Tool.Rendering.Plain.Lines(text)
        .Replace("%", "%25", StringComparison.Ordinal)
        .Replace("\n", "%0A", StringComparison.Ordinal);

    private static string Property(string text) => Data(text)
        .Replace(":", "%3A", StringComparison.Ordinal)
        .Replace(",", "%2C", StringComparison.Ordinal);
}
