using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Reviews.Rendering;

/// <summary>The forms a review is printed in.</summary>
internal enum ReviewFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>The whole result as one object.</summary>
    Json,

    /// <summary>SARIF 2.1.0, for code scanning.</summary>
    Sarif,

    /// <summary>JUnit XML, for CI systems that know nothing else.</summary>
    Junit,

    /// <summary>Workflow commands that GitHub Actions shows at the lines.</summary>
    Github,

    /// <summary>For a comment on a pull request.</summary>
    Markdown,
}

/// <summary>Names and output of the formats.</summary>
internal static class ReviewFormats
{
    /// <summary>All names, for sentences.</summary>
    public const string Names = "text, json, sarif, junit, github or markdown";

    /// <summary>The format behind a name.</summary>
    public static bool TryParse(string? name, out ReviewFormat format) =>
        Enum.TryParse(name, ignoreCase: true, out format) && name!.All(char.IsAsciiLetterLower);

    /// <summary>A review in a format, without the line end at its end. JSON is the command's own matter.</summary>
    /// <param name="view">The review.</param>
    /// <param name="format">The format.</param>
    /// <param name="variables">The environment: in a CI step only <see cref="ReviewFormat.Github"/> speaks to the runner.</param>
    public static string Render(ReviewView view, ReviewFormat format, IReadOnlyDictionary<string, string> variables) => format switch
    {
        ReviewFormat.Sarif => WorkflowCommands.InJson(SarifReview.Render(view)),
        ReviewFormat.Junit => WorkflowCommands.InXml(JunitReview.Render(view)),
        ReviewFormat.Github => GithubReview.Render(view),
        ReviewFormat.Markdown => ForPeople(MarkdownReview.Render(view), variables),
        _ => ForPeople(TextReview.Render(view), variables),
    };

    /// <summary>Text that people read, and in a CI step the runner as well.</summary>
    public static string ForPeople(string text, IReadOnlyDictionary<string, string> variables) =>
        WorkflowCommands.AreRead(variables) ? WorkflowCommands.InText(text) : text;
}
