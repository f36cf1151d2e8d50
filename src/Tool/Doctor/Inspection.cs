namespace CodexCompanion.Tool.Doctor;

/// <summary>What a check saw: nothing wrong, findings, or why it did not look.</summary>
/// <param name="Message">One phrase: what is fine, or all findings in one.</param>
/// <param name="Findings">The findings; empty when all is well.</param>
/// <param name="WasSkipped">Whether it did not look; the message says why.</param>
internal sealed record Inspection(string Message, IReadOnlyList<Finding> Findings, bool WasSkipped)
{
    /// <summary>Facts about what is fine; shown with <c>--verbose</c> and in JSON.</summary>
    public IReadOnlyList<string> Evidence { get; init; } = [];

    /// <summary>All is well.</summary>
    public static Inspection Ok(string message, params IReadOnlyList<string> evidence) =>
        new(message, [], WasSkipped: false) { Evidence = evidence };

    /// <summary>The check did not look.</summary>
    public static Inspection Skipped(string why) => new(why, [], WasSkipped: true);

    /// <summary>Findings, or all is well when there are none.</summary>
    /// <param name="ok">What to say when there are none.</param>
    /// <param name="findings">The findings.</param>
    /// <param name="several">What to say of several; a single one speaks for itself.</param>
    public static Inspection Of(string ok, IReadOnlyList<Finding> findings, Func<int, string> several) =>
        new(findings.Count switch { 0 => ok, 1 => findings[0].Message, var n => several(n) }, findings, WasSkipped: false);
}
