using System.Text.RegularExpressions;

namespace CodexCompanion.Pipeline.Turns;

/// <summary>Shapes what a turn tells into lines for a person.</summary>
internal static partial class ProgressText
{
    // A terminal's line with room for what stands before it.
    private const int MaxLine = 120;

    /// <summary>Text as one line of bounded length.</summary>
    public static string OneLine(string text)
    {
        // What is cut off anyway need not be searched: a message may be megabytes long.
        var line = WhiteSpace().Replace(text.Length > MaxLine * 8 ? text[..(MaxLine * 8)] : text, " ").Trim();
        if (line.Length <= MaxLine)
            return line;

        // Half a surrogate pair is no character.
        var cut = char.IsHighSurrogate(line[MaxLine - 2]) ? MaxLine - 2 : MaxLine - 1;
        return line[..cut] + "…";
    }

    /// <summary>A command without the shell it is wrapped in (<c>/bin/bash -lc '…'</c>), as one line.</summary>
    public static string Command(string command)
    {
        var wrapped = Shell().Match(command);
        return OneLine(wrapped.Success ? wrapped.Groups["inner"].Value.Replace("'\\''", "'", StringComparison.Ordinal) : command);
    }

    /// <summary>Whether a command looks like a check of what was done: tests, builds, linters.</summary>
    public static bool LooksLikeCheck(string command) => Check().IsMatch(command);

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex WhiteSpace();

    [GeneratedRegex(@"^\S*(?:ba|z|da)?sh -l?c (?<quote>['""]?)(?<inner>.*)\k<quote>$", RegexOptions.CultureInvariant | RegexOptions.Singleline, 1000)]
    private static partial Regex Shell();

    [GeneratedRegex(
        @"\b(?:test|tests|pytest|jest|vitest|check|lint|eslint|clippy|tsc|build|verify|ruff|mypy|make|mvn|gradle)\b",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Check();
}
