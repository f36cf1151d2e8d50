using System.Text.RegularExpressions;

namespace CodexCompanion.Tool.Rendering;

/// <summary>
/// The lines by which a step of a CI run talks to its runner. What a model wrote about other people's code is printed in such steps, too, and must
/// not get to set outputs, hide values or stop the runner's reading. GitHub's runner takes a line for a command that begins with <c>::</c>, blanks
/// before it included, and one that holds <c>##[</c> anywhere; Azure's one that holds <c>##vso[</c>.
/// </summary>
internal static partial class WorkflowCommands
{
    /// <summary>Whether somebody reads our output for commands.</summary>
    public static bool AreRead(IReadOnlyDictionary<string, string> variables) => IsOn(variables, "GITHUB_ACTIONS") || IsOn(variables, "TF_BUILD");

    /// <summary>Text for people, as it is but for a backslash in what would be a command; in Markdown that backslash is not seen.</summary>
    public static string InText(string text) => Marked(Begin().Replace(text, "\\:"), "#\\#");

    /// <summary>JSON with the same values in which no line is a command. A marker can only stand within a string.</summary>
    public static string InJson(string json) => Marked(json, "\\u0023#");

    /// <summary>XML with the same content in which no line is a command. Only text can begin a line with a colon.</summary>
    public static string InXml(string xml) => Marked(Begin().Replace(xml, "&#58;"), "&#35;#");

    [GeneratedRegex(@"(?<=^[^\S\n]*):(?=:)", RegexOptions.CultureInvariant | RegexOptions.Multiline, 10_000)]
    private static partial Regex Begin();

    private static bool IsOn(IReadOnlyDictionary<string, string> variables, string name) =>
        variables.TryGetValue(name, out var value) && string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);

    private static string Marked(string text, string hashes) =>
        text.Replace("##[", hashes + "[", StringComparison.Ordinal).Replace("##vso[", hashes + "vso[", StringComparison.Ordinal);
}
