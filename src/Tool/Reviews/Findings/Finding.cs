using CodexCompanion.Tool.Rendering;
using CodexCompanion.Tool.Reviews.Content;

namespace CodexCompanion.Tool.Reviews.Findings;

/// <summary>How bad a finding is; the order is the order of severity.</summary>
internal enum Severity
{
    /// <summary>Minor.</summary>
    Low,

    /// <summary>Wrong in rarer cases.</summary>
    Medium,

    /// <summary>Wrong in ordinary use.</summary>
    High,

    /// <summary>Data loss, a hole, an outage.</summary>
    Critical,
}

/// <summary>One thing a reviewer found.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Title">One line.</param>
/// <param name="Body">What goes wrong, when, and why.</param>
/// <param name="File">Path relative to the repository's root.</param>
/// <param name="LineStart">First line in the new version of the file, from 1.</param>
/// <param name="LineEnd">Last line.</param>
/// <param name="Confidence">From 0 to 1; null when the reviewer does not say.</param>
/// <param name="Recommendation">What to change; empty when the reviewer does not say.</param>
internal sealed record Finding(
    Severity Severity, string Title, string Body, string File, int LineStart, int LineEnd, double? Confidence, string Recommendation)
{
    /// <summary>Where it is, as people write it: <c>file:4-6</c>.</summary>
    public string Place => LineStart == LineEnd ? $"{Shown(File)}:{LineStart}" : $"{Shown(File)}:{LineStart}-{LineEnd}";

    /// <summary>The name of a file as a line can hold it: as it is, unless something in it would break the line or steer a terminal.</summary>
    public static string Shown(string? file) => file is null || Plain.OneLine(file) == file ? file ?? "" : QuotedName.Of(file);
}

/// <summary>What a reviewer answered, understood.</summary>
/// <param name="Approved">Whether it has nothing against the change.</param>
/// <param name="Summary">In a few sentences.</param>
/// <param name="Findings">What it found, worst first.</param>
/// <param name="NextSteps">What to do next.</param>
internal sealed record ReviewReport(bool Approved, string Summary, IReadOnlyList<Finding> Findings, IReadOnlyList<string> NextSteps)
{
    /// <summary>The verdict in the schema's words.</summary>
    public string Verdict => Approved ? FindingsSchema.Approve : FindingsSchema.NeedsAttention;

    /// <summary>Findings in the order they are shown: worst first, then by place.</summary>
    public static IReadOnlyList<Finding> Sorted(IEnumerable<Finding> findings) =>
        [.. findings.OrderByDescending(f => f.Severity).ThenBy(f => f.File, StringComparer.Ordinal).ThenBy(f => f.LineStart)];
}
