namespace CodexCompanion.Tool.CommandLine;

/// <summary>Arguments taken apart, or why they cannot be.</summary>
internal abstract record SplitArguments
{
    private SplitArguments()
    {
    }

    /// <summary>Options and words, each in the order given.</summary>
    internal sealed record Split(IReadOnlyList<OptionToken> Options, IReadOnlyList<string> Words) : SplitArguments
    {
        /// <summary>How many words came before the <c>--</c> that ended the options; null when there was none.</summary>
        public int? WordsBeforeDashes { get; init; }
    }

    /// <summary>An option is unknown or misused.</summary>
    internal sealed record Bad(UsageError Error) : SplitArguments;
}

/// <summary>
/// Splits argv into options and words by the command's option table. Where the words are free text, the first one ends option parsing,
/// and everything from there on is text, whatever it looks like. The option parser never sees a word.
/// </summary>
internal static class ArgumentSplitter
{
    /// <summary>Splits.</summary>
    /// <param name="arguments">Everything after the command's name.</param>
    /// <param name="table">The command's options.</param>
    /// <param name="wordsEndOptions">Whether the first word ends option parsing.</param>
    public static SplitArguments Split(IReadOnlyList<string> arguments, OptionTable table, bool wordsEndOptions)
    {
        var options = new List<OptionToken>();
        var words = new List<string>();
        int? beforeDashes = null;
        var at = 0;
        for (; at < arguments.Count; at++)
        {
            var argument = arguments[at];
            if (string.Equals(argument, "--", StringComparison.Ordinal))
            {
                beforeDashes = words.Count;
                at++;
                break;
            }

            // A lone dash is a word: the usual name of standard input.
            if (argument.Length < 2 || argument[0] != '-')
            {
                if (wordsEndOptions)
                    break;
                words.Add(argument);
                continue;
            }

            var next = at + 1 < arguments.Count ? arguments[at + 1] : null;
            var reading = OptionReading.Of(argument, next, table);
            if (reading.Error is not null)
                return new SplitArguments.Bad(reading.Error);
            options.Add(reading.Token!);
            if (reading.TookNext)
                at++;
        }

        for (; at < arguments.Count; at++)
            words.Add(arguments[at]);
        return new SplitArguments.Split(options, words) { WordsBeforeDashes = beforeDashes };
    }
}
