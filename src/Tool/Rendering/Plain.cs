using System.Text;

namespace CodexCompanion.Tool.Rendering;

/// <summary>Makes text that came from elsewhere safe to show on a line of a terminal.</summary>
internal static class Plain
{
    /// <summary>The text on one line, without control characters: what a model wrote must not steer the terminal.</summary>
    public static string OneLine(string text)
    {
        if (!text.Any(c => char.IsControl(c) || Reorders(c)))
            return text.Trim();
        var line = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (Reorders(c))
                continue;
            if (!char.IsControl(c))
                line.Append(c);
            else if (line.Length > 0 && line[^1] != ' ')
                line.Append(' ');
        }

        return line.ToString().Trim();
    }

    /// <summary>
    /// The text on its lines, without what would steer a terminal, and without the marks that show text in another order than it is read in.
    /// </summary>
    public static string Lines(string text) => text.Any(Steers) ? string.Concat(text.Where(c => !Steers(c))) : text;

    private static bool Steers(char c) => (char.IsControl(c) && c is not ('\n' or '\t')) || Reorders(c);

    // Bidirectional embeddings, overrides and isolates.
    private static bool Reorders(char c) => c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');

    /// <summary>How many columns a text takes on a terminal.</summary>
    public static int Columns(string text) => text.Sum(Columns);

    /// <summary>The begin of a text that fits into so many columns, with an ellipsis where something is missing.</summary>
    public static string Fit(string text, int columns)
    {
        var used = 0;
        for (var i = 0; i < text.Length; i++)
        {
            used += Columns(text[i]);
            if (used > columns)
                return columns < 2 ? "" : Fit(text, columns - 1, i);
        }

        return text;
    }

    // Counting East Asian and emoji characters as two columns is right often enough, and never too little. What is ours and lies above them is one wide.
    private static int Columns(char c) => c >= '\u1100' && c is not ('✓' or '✗' or '…') ? 2 : 1;

    private static string Fit(string text, int columns, int most)
    {
        var used = 0;
        var end = 0;
        while (end < most && used + Columns(text[end]) <= columns)
            used += Columns(text[end++]);

        // Never half of a surrogate pair.
        if (end > 0 && char.IsHighSurrogate(text[end - 1]))
            end--;
        return text[..end] + "…";
    }
}
