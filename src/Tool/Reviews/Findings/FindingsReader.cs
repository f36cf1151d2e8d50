using System.Text.Json;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Tool.Reviews.Findings;

/// <summary>What came of reading an answer: a report, or what is wrong with the answer.</summary>
/// <param name="Report">The report; null exactly when there are problems.</param>
/// <param name="Problems">What is wrong, a sentence each.</param>
internal sealed record FindingsRead(ReviewReport? Report, IReadOnlyList<string> Problems);

/// <summary>
/// Reads a reviewer's answer strictly: a wrong type, an unknown word, a line that cannot be, a verdict that contradicts the findings make it
/// invalid as a whole. An answer that is half understood would be shown as a cleaner review than it was.
/// </summary>
internal static class FindingsReader
{
    // More would not help whoever repairs it.
    private const int MostProblems = 20;

    /// <summary>Most findings of a review: ten times what people's longest hold. Each is compared with all that the workspace remembers.</summary>
    public const int MostFindings = 500;

    // A line number that no file has; keeps arithmetic with it harmless.
    private const int LastLine = 100_000_000;

    /// <summary>Reads the answer.</summary>
    /// <param name="text">As it came.</param>
    /// <param name="root">Root of the repository; a place given by its absolute path is made relative to it.</param>
    public static FindingsRead Read(string text, string root)
    {
        if (JsonInProse.Find(text, "findings") is not { } answer)
            return new FindingsRead(Report: null, [string.IsNullOrWhiteSpace(text) ? "The answer is empty." : "The answer holds no JSON object with findings."]);

        var problems = new List<string>();
        var verdict = answer.Text("verdict");
        if (verdict is not (FindingsSchema.Approve or FindingsSchema.NeedsAttention))
            problems.Add("verdict must be \"approve\" or \"needs-attention\".");
        if (string.IsNullOrWhiteSpace(answer.Text("summary")))
            problems.Add("summary must be a text that is not empty.");

        var findings = new List<Finding>();
        if (answer.Member("findings") is not { ValueKind: JsonValueKind.Array } given)
            problems.Add("findings must be a list.");
        else if (given.GetArrayLength() > MostFindings)
            problems.Add($"findings holds {given.GetArrayLength()} entries; give the {MostFindings} worst.");
        else
            findings.AddRange(answer.Items("findings").Select((item, index) => ReadFinding(item, $"findings[{index}]", root, problems)).OfType<Finding>());
        if (answer.Member("next_steps").ValueKind != JsonValueKind.Array || answer.Items("next_steps").Any(step => step.ValueKind != JsonValueKind.String))
            problems.Add("next_steps must be a list of texts.");
        if (problems.Count == 0 && verdict == FindingsSchema.Approve && findings.Any(f => f.Severity >= Severity.High))
            problems.Add("verdict is \"approve\" although there are findings of severity high or critical.");
        if (problems.Count == 0 && verdict == FindingsSchema.NeedsAttention && findings.Count == 0)
            problems.Add("verdict is \"needs-attention\" although there is no finding.");

        return problems.Count > 0
            ? new FindingsRead(Report: null, [.. problems.Take(MostProblems)])
            : new FindingsRead(
                new ReviewReport(
                    verdict == FindingsSchema.Approve,
                    answer.Text("summary")!.Trim(),
                    ReviewReport.Sorted(findings),
                    [.. answer.Texts("next_steps").Select(step => step.Trim()).Where(step => step.Length > 0)]),
                []);
    }

    private static Finding? ReadFinding(JsonElement item, string where, string root, List<string> problems)
    {
        var before = problems.Count;
        if (item.ValueKind != JsonValueKind.Object)
        {
            problems.Add($"{where} must be an object.");
            return null;
        }

        if (!FindingsSchema.TrySeverity(item.Text("severity"), out var severity))
            problems.Add($"{where}.severity must be one of {string.Join(", ", FindingsSchema.Severities)}.");
        foreach (var name in (string[])["title", "body", "file"])
        {
            if (string.IsNullOrWhiteSpace(item.Text(name)))
                problems.Add($"{where}.{name} must be a text that is not empty.");
        }

        if (item.Member("recommendation").ValueKind != JsonValueKind.String)
            problems.Add($"{where}.recommendation must be a text.");
        if (item.Number("line_start") is not (>= 1 and <= LastLine))
            problems.Add($"{where}.line_start must be a line number from 1.");
        else if (item.Number("line_end") is not { } end || end < item.Number("line_start") || end > LastLine)
            problems.Add($"{where}.line_end must be a line number not before line_start.");
        if (Confidence(item) is not (>= 0 and <= 1))
            problems.Add($"{where}.confidence must be a number from 0 to 1.");
        var file = item.Text("file") is { } given ? FindingPlace.Relative(given, root) : null;
        if (file is null && problems.Count == before)
            problems.Add($"{where}.file must be a path below the repository's root.");

        return problems.Count > before
            ? null
            : new Finding(
                severity, item.Text("title")!.Trim(), item.Text("body")!.Trim(), file!, item.Number("line_start")!.Value,
                item.Number("line_end")!.Value, Confidence(item), item.Text("recommendation")!.Trim());
    }

    private static double? Confidence(JsonElement item) =>
        item.Member("confidence") is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out var value) ? value : null;
}
