using System.Text;

namespace CodexCompanion.Tool.Reviews.Rendering;

/// <summary>
/// Words of a model about words of other people as a part of our Markdown: formatted as they are, code as it is, but calling nobody, loading no
/// picture, and hiding nothing of what comes after them. What could be read as code in one way and as markup in another is escaped.
/// </summary>
internal static class HarmlessMarkdown
{
    private const int ShortestFence = 3;
    private const int DeepestFence = 3; // One blank more makes it a line of the code.

    /// <summary>Several lines.</summary>
    /// <param name="text">The words.</param>
    /// <param name="startsLine">Whether they begin on a line of their own; what follows something of ours cannot open a block.</param>
    public static string Of(string text, bool startsLine)
    {
        var lines = Tool.Rendering.Plain.Lines(text).Split('\n');
        var written = new StringBuilder();
        (char Mark, int Length)? open = null;
        for (var at = 0; at < lines.Length; at++)
        {
            var line = lines[at];
            if (at > 0)
                written.Append('\n');
            if (open is { } fence)
            {
                written.Append(line);
                if (Closes(line, fence.Mark, fence.Length))
                    open = null;
            }
            else if ((at > 0 || startsLine) && Opening(line) is { } opened)
            {
                written.Append(line);
                open = opened;
            }
            else
            {
                AppendInline(written, line);
            }
        }

        // Left open, it would swallow the findings that follow.
        if (open is { } left)
            written.Append('\n').Append(left.Mark, left.Length);
        return written.ToString();
    }

    /// <summary>The same in one line, after something of ours.</summary>
    public static string Inline(string text) => Of(Tool.Rendering.Plain.OneLine(text), startsLine: false);

    // Only at the very begin of a line: an indented one may belong to a list, and end with it.
    private static (char Mark, int Length)? Opening(string line)
    {
        if (line.Length == 0 || line[0] is not ('`' or '~'))
            return null;
        var length = Run(line, 0, line[0]);
        return length >= ShortestFence && (line[0] == '~' || !line.AsSpan(length).Contains('`')) ? (line[0], length) : null;
    }

    // By the rules of Markdown, exactly: who takes an open block for closed, or a closed one for open, escapes in the wrong half of what follows.
    private static bool Closes(string line, char mark, int length)
    {
        var indent = Run(line, 0, ' ');
        var run = Run(line, indent, mark);
        return indent <= DeepestFence && run >= length && line.AsSpan(indent + run).Trim(" \t").IsEmpty;
    }

    private static void AppendInline(StringBuilder written, string line)
    {
        for (var at = 0; at < line.Length;)
        {
            var c = line[at];
            if (c == '`')
            {
                var length = Run(line, at, '`');
                var end = ClosingOf(line, at + length, length);
                // A run that nothing closes in this line could be closed in the next: then the rest would not be what it looks like here.
                written.Append(end < 0 ? string.Concat(Enumerable.Repeat("\\`", length)) : line[at..end]);
                at = end < 0 ? at + length : end;
                continue;
            }

            if (c == '\\' && at + 1 < line.Length && line[at + 1] is '`' or '\\')
            {
                written.Append(line, at, 2);
                at += 2;
                continue;
            }

            written.Append(c switch
            {
                '<' => "&lt;",
                '&' when at + 1 < line.Length && (line[at + 1] == '#' || char.IsAsciiLetter(line[at + 1])) => "&amp;", // "&#64;" is an @ as well.
                '@' => "@\u200b",
                '[' when at > 0 && line[at - 1] == '!' => "\\[",
                '~' when line.AsSpan(0, at).Trim(" ~").IsEmpty => "\\~",
                _ => c.ToString(),
            });
            at++;
        }
    }

    private static int ClosingOf(string line, int from, int length)
    {
        for (var at = from; at < line.Length;)
        {
            var run = Run(line, at, '`');
            if (run == length)
                return at + run;
            at += Math.Max(1, run);
        }

        return -1;
    }

    private static int Run(string line, int from, char c)
    {
        var at = from;
        while (at < line.Length && line[at] == c)
            at++;
        return at - from;
    }
}
