namespace CodexCompanion.Tool.CommandLine;

/// <summary>A command with the options and words it was given.</summary>
/// <param name="Command">The command.</param>
/// <param name="Path">Its name with those above it: <c>broker status</c>.</param>
/// <param name="Options">Its options.</param>
/// <param name="Words">Its words, byte for byte.</param>
internal sealed record CommandCall(CommandSpec Command, string Path, GivenOptions Options, IReadOnlyList<string> Words)
{
    /// <summary>The options as they were given, in order.</summary>
    public IReadOnlyList<OptionToken> Tokens { get; init; } = [];

    /// <summary>The text left of a raw line of arguments read from stdin; null when there was none.</summary>
    public string? RawText { get; init; }

    /// <summary>Whether a <c>--</c> ended the options: what follows was meant as text.</summary>
    public bool EndedByDashes { get; init; }

    /// <summary>What followed <c>--</c>, where that means paths.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Whether a program reads our output.</summary>
    public bool Json => Options.Has(GlobalOptions.Json);

    /// <summary>The same call with its output for programs.</summary>
    public CommandCall AsJson() => Json ? this : this with { Options = Options.With(GlobalOptions.Json) };

    /// <summary>Whether the trail is shown.</summary>
    public bool Verbose => Options.Has(GlobalOptions.Verbose);
}

/// <summary>The options of a call, by their row in the table.</summary>
internal sealed class GivenOptions(IReadOnlyList<OptionToken> tokens)
{
    /// <summary>Whether the option was given.</summary>
    public bool Has(OptionSpec option) => tokens.Any(token => Names(token, option));

    /// <summary>The same options and a flag more.</summary>
    public GivenOptions With(OptionSpec flag) => new([.. tokens, new OptionToken(flag, Value: null)]);

    /// <summary>Its value; null when it was not given.</summary>
    public string? Value(OptionSpec option) => tokens.LastOrDefault(token => Names(token, option))?.Value;

    /// <summary>All its values, in the order given.</summary>
    public IReadOnlyList<string> Values(OptionSpec option) =>
        [.. tokens.Where(token => Names(token, option)).Select(token => token.Value).OfType<string>()];

    /// <summary>An option that takes one value and was given two; null when there is none.</summary>
    public static OptionSpec? TwiceGiven(IReadOnlyList<OptionToken> tokens) => tokens
        .Where((token, at) => token.Option.Arity == OptionArity.Value && tokens.Take(at).Any(earlier => Names(earlier, token.Option)))
        .FirstOrDefault()?.Option;

    // By name: a command may be asked for an option it does not have.
    private static bool Names(OptionToken token, OptionSpec option) => string.Equals(token.Option.Name, option.Name, StringComparison.Ordinal);
}
