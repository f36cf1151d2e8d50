namespace CodexCompanion.Tool.Reviews.Prompts;

/// <summary>What a reviewer is told whose answer could not be read.</summary>
internal static class RepairPrompt
{
    /// <summary>The begin of the prompt, by which it is recognised.</summary>
    public const string Opening = "Your last answer could not be read as a review.";

    /// <summary>The prompt.</summary>
    /// <param name="problems">What is wrong with the answer, a sentence each.</param>
    public static string Text(IReadOnlyList<string> problems) => $"""
        {Opening} What is wrong with it:
        {string.Join('\n', problems.Select(problem => "- " + problem))}

        Give the same review again as one JSON object in the form you were asked for: verdict, summary, findings, next_steps, nothing around it.
        Keep every finding; do not add any, and do not look at the code again.

        """;
}
