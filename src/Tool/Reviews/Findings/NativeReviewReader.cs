using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Reviews.Findings;

/// <summary>
/// Reads the report of Codex's own reviewer. It comes as text: an explanation, then "Full review comments:" and a list whose entries begin
/// <c>- [P1] Title — /path/file:4-6</c> with the body indented below; when the server could not read its model's answer, as that answer.
/// The text itself is always kept: what is read here is only a second view of it.
/// </summary>
internal static partial class NativeReviewReader
{
    // Enough to find the entry by.
    private const int LongestQuote = 200;

    // What the server says in place of a report.
    private static readonly string[] NoReport = ["Reviewer failed to output a response.", "Review was interrupted."];

    /// <summary>Whether the text says that there was no review.</summary>
    public static bool SaysFailed(string text) =>
        string.IsNullOrWhiteSpace(text) || Array.Exists(NoReport, sentence => text.TrimStart().StartsWith(sentence, StringComparison.Ordinal));

    /// <summary>Reads the text.</summary>
    /// <returns>The report, or why the findings in it cannot be told from its prose.</returns>
    public static FindingsRead Read(string text, string root)
    {
        if (SaysFailed(text))
            return new FindingsRead(Report: null, ["The reviewer gave no report."]);
        var answer = JsonInProse.Find(text, "findings");
        if (answer is not null && ReadAnswer(answer.Value, root) is { } own)
            return own;

        var lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n');
        var begin = Array.FindIndex(lines, line => Heading().IsMatch(line));
        if (begin < 0)
        {
            return answer is not null || LooksLikeFindings(text)
                ? new FindingsRead(Report: null, ["The reviewer's text names problems, but not in a form that can be read as findings."])
                : new FindingsRead(new ReviewReport(Approved: true, text.Trim(), [], []), []);
        }

        var findings = new List<Finding>();
        var problems = new List<string>();
        foreach (var entry in Entries(lines.Skip(begin + 1)))
        {
            if (ReadEntry(entry, root) is { } finding)
                findings.Add(finding);
            else
                problems.Add($"An entry of the review cannot be read as a finding: {Excerpt.Of(entry[0], LongestQuote)}");
        }

        if (findings.Count > FindingsReader.MostFindings)
            problems.Add($"The review holds {findings.Count} comments, too many to be remembered one by one.");
        if (findings.Count == 0 && problems.Count == 0)
            problems.Add("The review announces comments and holds none.");
        var explanation = string.Join('\n', lines.Take(begin)).Trim();
        return problems.Count > 0
            ? new FindingsRead(Report: null, problems)
            : new FindingsRead(new ReviewReport(Approved: false, explanation, ReviewReport.Sorted(findings), []), []);
    }

    // Entries begin in the first column; everything below is indented.
    private static IEnumerable<List<string>> Entries(IEnumerable<string> lines)
    {
        List<string>? entry = null;
        foreach (var line in lines)
        {
            if (line.StartsWith("- ", StringComparison.Ordinal))
            {
                if (entry is not null)
                    yield return entry;
                entry = [line];
            }
            else
            {
                entry?.Add(line.StartsWith("  ", StringComparison.Ordinal) ? line[2..] : line);
            }
        }

        if (entry is not null)
            yield return entry;
    }

    private static Finding? ReadEntry(List<string> entry, string root)
    {
        // Titles may hold dashes as well: the place is what follows the last one.
        if (Head(entry[0]) is not { Success: true } head || FindingPlace.Relative(head.Groups["file"].Value, root) is not { } file)
            return null;
        var start = Line(head.Groups["start"].ValueSpan);
        var end = head.Groups["end"].Success ? Line(head.Groups["end"].ValueSpan) : start;
        return Make(head.Groups["title"].Value, string.Join('\n', entry.Skip(1)), file, start, end, priority: null, confidence: null);
    }

    // One that takes too long to be told apart was made for that, and is no finding anybody could read.
    private static Match? Head(string line)
    {
        try
        {
            return Entry().Match(line);
        }
        catch (RegexMatchTimeoutException)
        {
            return null;
        }
    }

    private static FindingsRead? ReadAnswer(JsonElement answer, string root)
    {
        if (answer.Text("overall_correctness") is not { } correctness || answer.Member("findings") is not { ValueKind: JsonValueKind.Array } items
            || items.GetArrayLength() > FindingsReader.MostFindings)
            return null;
        var findings = new List<Finding>();
        foreach (var item in answer.Items("findings"))
        {
            var place = item.Member("code_location");
            var range = place.Member("line_range");
            if (item.Text("title") is not { Length: > 0 } title
                || FindingPlace.Relative(place.Text("absolute_file_path") ?? "", root) is not { } file)
                return null;
            var start = range.Number("start") ?? 1;
            var confidence = item.Member("confidence_score") is { ValueKind: JsonValueKind.Number } number ? Math.Clamp(number.GetDouble(), 0, 1) : (double?)null;
            findings.Add(Make(title, item.Text("body") ?? "", file, start, range.Number("end") ?? start, item.Number("priority"), confidence));
        }

        var approved = findings.Count == 0 && !correctness.Contains("incorrect", StringComparison.OrdinalIgnoreCase);
        return new FindingsRead(
            new ReviewReport(approved, answer.Text("overall_explanation")?.Trim() ?? "", ReviewReport.Sorted(findings), []), []);
    }

    private static Finding Make(string title, string body, string file, int start, int end, int? priority, double? confidence)
    {
        var tag = Priority().Match(title);
        if (tag.Success)
        {
            priority = tag.Groups["p"].Value[0] - '0';
            title = title[tag.Length..];
        }

        var severity = priority switch
        {
            0 => Severity.Critical,
            1 => Severity.High,
            >= 3 => Severity.Low,
            _ => Severity.Medium, // P2, and what has no priority.
        };
        start = Math.Max(1, start);
        return new Finding(severity, title.Trim(), body.Trim(), file, start, Math.Max(start, end), confidence, Recommendation: "");
    }

    private static bool LooksLikeFindings(string text)
    {
        try
        {
            return Tag().IsMatch(text) || Place().IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return true; // Not known is not clean.
        }
    }

    private static int Line(ReadOnlySpan<char> digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var line) ? line : 1;

    [GeneratedRegex(@"^(?:Full review comments|Review comments?):\s*$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^- (?:\[[ x]\] )?(?<title>.+) \u2014 (?<file>.+?):(?<start>\d{1,9})(?:-(?<end>\d{1,9}))?\s*$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Entry();

    [GeneratedRegex(@"^\s*\[[Pp](?<p>\d)\]\s*", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Priority();

    [GeneratedRegex(@"\[P[0-3]\]", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Tag();

    [GeneratedRegex(@"^\s*(?:[-*]|\d+[.)])\s.*\b[\w./-]+\.\w{1,8}:\d+", RegexOptions.CultureInvariant | RegexOptions.Multiline, 1000)]
    private static partial Regex Place();
}
