using McMaster.Extensions.CommandLineUtils;

namespace CodexCompanion.Tool.CommandLine;

/// <summary>
/// The command-line library behind a command's option table: it parses the options (words never reach it) and writes the help text.
/// </summary>
internal static class CommandApplication
{
    /// <summary>Name of the executable and of the tool's command.</summary>
    public const string ToolName = "codex-companion";

    /// <summary>Parses options that were split off before.</summary>
    /// <returns>The options, or what is wrong with them.</returns>
    public static (GivenOptions? Options, UsageError? Error) Parse(CommandSpec command, IReadOnlyList<OptionToken> tokens)
    {
        // Nothing to parse: a command without options need not load the library.
        if (tokens.Count == 0)
            return (new GivenOptions(new Dictionary<string, IReadOnlyList<string?>>(StringComparer.Ordinal)), null);
        using var application = Create(command, command.Name);
        try
        {
            application.Parse([.. tokens.Select(token => token.Normalized)]);
        }
        catch (CommandParsingException)
        {
            // The splitter only lets known options with fitting values through: what is left to refuse is one given twice.
            var twice = tokens.GroupBy(token => token.Option).First(group => group.Key.Arity == OptionArity.Value && group.Count() > 1);
            return (null, new UsageError($"{twice.Key.Display} was given more than once."));
        }

        var values = application.Options
            .Where(option => option.HasValue())
            .ToDictionary(option => option.LongName!, option => (IReadOnlyList<string?>)[.. option.Values], StringComparer.Ordinal);
        return (new GivenOptions(values), null);
    }

    /// <summary>The help text of a command.</summary>
    /// <param name="command">The command; the root for the tool's own help.</param>
    /// <param name="path">Its name with those above it.</param>
    public static string Help(CommandSpec command, string path)
    {
        using var application = Create(command, path);
        using var text = new StringWriter();
        new HelpText(command).Generate(application, text);
        return text.ToString().Trim() + "\n";
    }

    private static CommandLineApplication Create(CommandSpec command, string path)
    {
        // The quiet console: nothing the library might print reaches the user; texts and exit codes are ours.
        var application = new CommandLineApplication(NullConsole.Singleton)
        {
            Name = path,
            Description = command.Summary,
            ClusterOptions = false,
            ExtendedHelpText = Examples(command),
        };
        foreach (var option in command.Table.All)
            Add(application, option);
        if (command.WordName is not null)
            application.Argument(command.WordName, command.WordDescription, multipleValues: command.FreeText || command.MostWords > 1);
        foreach (var child in command.Subcommands)
        {
            application.Command(child.Name, added =>
            {
                added.Description = child.Summary;
                added.ShowInHelpText = !child.Hidden;
            });
        }

        return application;
    }

    private static void Add(CommandLineApplication application, OptionSpec option)
    {
        var names = (option.Short is { } letter ? $"-{letter}|" : "") + option.Display;
        var type = option.Arity switch
        {
            OptionArity.Flag => CommandOptionType.NoValue,
            OptionArity.Value => CommandOptionType.SingleValue,
            _ => CommandOptionType.MultipleValue,
        };
        var added = application.Option(names, option.Description, type);
        added.ShowInHelpText = option.Refusal is null;
        // Set apart from the names: the library's template takes no value name with an equals sign.
        added.ValueName = option.TakesValue ? option.ValueName : null;
    }

    private static string Examples(CommandSpec command) =>
        command.Examples.Count == 0
            ? ""
            : "\nExamples:\n" + string.Concat(command.Examples.Select(example => $"  {example}\n"));
}
