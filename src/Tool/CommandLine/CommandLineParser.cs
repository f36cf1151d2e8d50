using CodexCompanion.Pipeline;

namespace CodexCompanion.Tool.CommandLine;

/// <summary>From argv to what it asks for. Touches neither state nor Codex.</summary>
internal static class CommandLineParser
{
    // Somebody who forgot the command's name gets the begin of the prompt back, not all of it.
    private const int LongestShown = 40;

    /// <summary>Parses a command line.</summary>
    /// <param name="root">The tool, with its commands below it.</param>
    /// <param name="arguments">argv without the program.</param>
    public static Invocation Parse(CommandSpec root, IReadOnlyList<string> arguments)
    {
        // Options of every command may also stand before its name.
        var leading = ArgumentSplitter.Split(arguments, new OptionTable([.. GlobalOptions.All, GlobalOptions.Version]), wordsEndOptions: true);
        return leading switch
        {
            SplitArguments.Split split when split.Options.Any(token => token.Option == GlobalOptions.Version) => new Invocation.Version(),
            SplitArguments.Split split => Below(root, "", split.Options, split.Words),
            SplitArguments.Bad bad => new Invocation.Bad(bad.Error, ""),
            _ => throw new InvalidOperationException("A split is closed."),
        };
    }

    /// <summary>Adds the options and the text of a raw line of arguments to a call.</summary>
    public static Invocation WithRaw(CommandCall call, string raw)
    {
        var split = RawArguments.Split(raw, call.Command.Table);
        if (split.Error is not null)
            return new Invocation.Bad(split.Error, call.Path);
        IReadOnlyList<OptionToken> tokens = [.. call.Tokens, .. split.Options];
        return call.Command.PathsAfterDashes && split.EndedByDashes
            ? WithPaths(Finish(call.Command, call.Path, tokens, call.Words, rawText: ""), [.. call.Paths, .. RawArguments.Words(split.Text)])
            : WithDashes(WithPaths(Finish(call.Command, call.Path, tokens, call.Words, split.Text), call.Paths), split.EndedByDashes);
    }

    private static Invocation Below(CommandSpec group, string path, IReadOnlyList<OptionToken> leading, IReadOnlyList<string> arguments)
    {
        var asksHelp = leading.Any(token => token.Option == GlobalOptions.Help);
        if (arguments.Count == 0 || (asksHelp && path.Length == 0))
            return new Invocation.Help(group, path, asksHelp);

        var name = arguments[0];
        var command = group.Subcommands.FirstOrDefault(candidate => string.Equals(candidate.Name, name, StringComparison.Ordinal));
        if (command is null)
            return Unknown(group, path, name);

        var commandPath = path.Length == 0 ? command.Name : $"{path} {command.Name}";
        var rest = SplitSingle(command, [.. arguments.Skip(1)]);
        var wordsEndOptions = command.FreeText || command.Subcommands.Count > 0;
        return ArgumentSplitter.Split(rest, command.Table, wordsEndOptions) switch
        {
            SplitArguments.Bad bad => new Invocation.Bad(bad.Error, commandPath),
            SplitArguments.Split split when command.Subcommands.Count > 0 =>
                Below(command, commandPath, [.. leading, .. split.Options], split.Words),
            SplitArguments.Split { WordsBeforeDashes: { } before } split when command.PathsAfterDashes => WithPaths(
                Finish(command, commandPath, [.. leading, .. split.Options], [.. split.Words.Take(before)], rawText: null), [.. split.Words.Skip(before)]),
            SplitArguments.Split split => WithDashes(
                Finish(command, commandPath, [.. leading, .. split.Options], split.Words, rawText: null), split.WordsBeforeDashes is not null),
            _ => throw new InvalidOperationException("A split is closed."),
        };
    }

    private static Invocation WithPaths(Invocation finished, IReadOnlyList<string> paths) => finished switch
    {
        Invocation.Run run when paths.Any(HoldsNul) => new Invocation.Bad(new UsageError("There is a NUL character in a path after '--'."), run.Call.Path),
        Invocation.Run run when paths.Count > 0 => new Invocation.Run(run.Call with { Paths = paths }),
        _ => finished,
    };

    private static bool HoldsNul(string? value) => value?.Contains('\0', StringComparison.Ordinal) == true;

    private static Invocation WithDashes(Invocation finished, bool ended) =>
        ended && finished is Invocation.Run run ? new Invocation.Run(run.Call with { EndedByDashes = true }) : finished;

    private static Invocation Finish(
        CommandSpec command, string path, IReadOnlyList<OptionToken> tokens, IReadOnlyList<string> words, string? rawText)
    {
        if (tokens.Any(token => token.Option == GlobalOptions.Help))
            return new Invocation.Help(command, path, Asked: true);
        if (tokens.FirstOrDefault(token => token.Option.Refusal is not null) is { } refused)
            return new Invocation.Bad(new UsageError(refused.Option.Refusal!), path);
        // No argument of a process can hold one, but a line on stdin and a value of another program's can; no path, name or word does.
        if (tokens.FirstOrDefault(token => HoldsNul(token.Value)) is { } damaged)
            return new Invocation.Bad(new UsageError($"{damaged.Option.Display} was given a value with a NUL character in it."), path);
        if (!command.FreeText && words.Any(HoldsNul))
            return new Invocation.Bad(new UsageError($"There is a NUL character in the argument {command.WordName}."), path);
        if (!command.FreeText && words.Count > command.MostWords)
            return new Invocation.Bad(new UsageError($"Unexpected argument '{words[command.MostWords]}'."), path);

        return GivenOptions.TwiceGiven(tokens) is { } twice
            ? new Invocation.Bad(new UsageError($"{twice.Display} was given more than once."), path)
            : new Invocation.Run(new CommandCall(command, path, new GivenOptions(tokens), words) { Tokens = tokens, RawText = rawText });
    }

    /// <summary>A host may hand over all options as one argument ("--base main"). Free text is never split.</summary>
    private static IReadOnlyList<string> SplitSingle(CommandSpec command, IReadOnlyList<string> arguments) =>
        !command.FreeText && arguments is [['-', ..] only] && only.Contains(' ', StringComparison.Ordinal)
            ? only.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            : arguments;

    private static Invocation.Bad Unknown(CommandSpec group, string path, string name)
    {
        var shown = name.Length > LongestShown ? name[..LongestShown] + "…" : name;
        var meant = Suggestion.For(name, group.Subcommands.Where(command => !command.Hidden).Select(command => command.Name));
        return new Invocation.Bad(
            new UsageError($"Unknown command '{(path.Length == 0 ? shown : $"{path} {shown}")}'.", meant is null ? null : $"Did you mean '{meant}'?"),
            path);
    }
}
