using CodexCompanion.Pipeline;

namespace CodexCompanion.Tool.CommandLine;

/// <summary>What was found in a raw line of arguments.</summary>
/// <param name="Options">The known options it began with.</param>
/// <param name="Text">The rest, untouched.</param>
/// <param name="Error">Why it cannot be used; null when it can.</param>
internal sealed record RawSplit(IReadOnlyList<OptionToken> Options, string Text, UsageError? Error)
{
    /// <summary>Whether a <c>--</c> ended the options.</summary>
    public bool EndedByDashes { get; init; }
}

/// <summary>
/// Takes the known leading options off one raw text (what somebody typed behind a slash command). What follows is the prompt and stays as
/// it is, quotes, blanks and line ends included: it never went through a shell, so nothing in it is unquoted.
/// </summary>
internal static class RawArguments
{
    /// <summary>Splits.</summary>
    public static RawSplit Split(string raw, OptionTable table)
    {
        var options = new List<OptionToken>();
        var ended = false;
        var at = SkipBlanks(raw, 0);
        while (at < raw.Length && raw[at] == '-')
        {
            var word = ReadWord(raw, at, out var end);
            if (string.Equals(word, "--", StringComparison.Ordinal))
            {
                at = SkipBlanks(raw, end);
                ended = true;
                break;
            }

            if (!IsKnown(word, table))
            {
                // A near miss is a mistake to report before anything is sent; any other word with dashes is the user's text.
                if (Misspelt(word, table) is { } meant)
                    return new RawSplit(options, "", new UsageError($"Unknown option '{word}'.", $"Did you mean '{meant}'?"));
                break;
            }

            var nextAt = SkipBlanks(raw, end);
            var nextEnd = nextAt;
            var next = nextAt < raw.Length ? ReadWord(raw, nextAt, out nextEnd) : null;
            var reading = OptionReading.Of(word, next, table);
            if (reading.Error is not null)
                return new RawSplit(options, "", reading.Error);
            options.Add(reading.Token!);
            at = SkipBlanks(raw, reading.TookNext ? nextEnd : end);
        }

        return new RawSplit(options, raw[at..], Error: null) { EndedByDashes = ended };
    }

    /// <summary>The words of a text; quotes hold blanks together.</summary>
    public static IReadOnlyList<string> Words(string text)
    {
        var words = new List<string>();
        for (var at = SkipBlanks(text, 0); at < text.Length; at = SkipBlanks(text, at))
            words.Add(ReadWord(text, at, out at));
        return words;
    }

    private static bool IsKnown(string word, OptionTable table) =>
        table.TryRecognise(word, out _, out _)
        || (word.Length > 2 && word[0] == '-' && word[1] != '-' && table.TryFind(word[1], out var option) && option.TakesValue);

    private static string? Misspelt(string word, OptionTable table) =>
        word.StartsWith("--", StringComparison.Ordinal) ? Suggestion.For(word.Split('=', 2)[0], table.Displays) : null;

    private static int SkipBlanks(string text, int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        return at;
    }

    /// <summary>One word; quotes hold blanks together and are dropped, as in <c>--prompt-file "my notes.md"</c>.</summary>
    private static string ReadWord(string text, int start, out int end)
    {
        var word = new System.Text.StringBuilder();
        var quote = '\0';
        for (end = start; end < text.Length; end++)
        {
            var c = text[end];
            if (quote != '\0')
            {
                if (c == quote)
                    quote = '\0';
                else
                    word.Append(c);
            }
            else if (c is '"' or '\'')
            {
                quote = c;
            }
            else if (char.IsWhiteSpace(c))
            {
                break;
            }
            else
            {
                word.Append(c);
            }
        }

        return word.ToString();
    }
}
