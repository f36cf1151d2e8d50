using System.Text;

namespace CodexCompanion.Tool.CommandLine;

/// <summary>Breaks the lines of a help text for a narrow terminal, so that names and descriptions stay in their columns.</summary>
internal static class HelpLines
{
    // What a description needs beside the names to be read; where there is less, it goes below them.
    private const int LeastColumns = 24;
    private const int Below = 6;

    /// <summary>The text in lines of at most so many columns; command lines to copy are left whole.</summary>
    public static string Fit(string text, int columns)
    {
        var fitted = new StringBuilder(text.Length);
        var examples = false;
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            examples |= line.StartsWith("Examples:", StringComparison.Ordinal);
            if (line.Length <= columns || examples)
                fitted.Append(line).Append('\n');
            else
                Break(line, columns, fitted);
        }

        return fitted.ToString();
    }

    private static void Break(string line, int columns, StringBuilder fitted)
    {
        var column = DescriptionColumn(line);
        var indent = columns - column >= LeastColumns ? column : Math.Min(Below, columns / 2);
        var at = 0;
        if (column > 0 && indent != column)
        {
            // No room beside the names: they get a line of their own.
            fitted.Append(line.AsSpan(0, column).TrimEnd()).Append('\n').Append(' ', indent);
            at = column;
        }

        var room = columns - (at == 0 ? 0 : indent);
        while (line.Length - at > room)
        {
            var end = line.LastIndexOf(' ', at + room, room);

            // The blanks in front of the description are no place to break.
            if (end <= (at == 0 ? column : at))
                end = line.IndexOf(' ', at + room);
            if (end < 0)
                break;
            fitted.Append(line.AsSpan(at, end - at)).Append('\n').Append(' ', indent);
            at = end + 1;
            room = columns - indent;
        }

        fitted.Append(line.AsSpan(at)).Append('\n');
    }

    /// <summary>Where the description begins: behind the first wide gap. 0 in a line of plain text.</summary>
    private static int DescriptionColumn(string line)
    {
        if (line[0] != ' ')
            return 0;
        var gap = line.IndexOf("  ", line.Length - line.AsSpan().TrimStart().Length, StringComparison.Ordinal);
        if (gap < 0)
            return 0;
        while (gap < line.Length && line[gap] == ' ')
            gap++;
        return gap;
    }
}
