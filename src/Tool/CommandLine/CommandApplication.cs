using McMaster.Extensions.CommandLineUtils;

namespace CodexCompanion.Tool.CommandLine;

/// <summary>
/// The command-line library behind a command's option table: it writes the help text. The options themselves are read by
/// <see cref="ArgumentSplitter"/>, which alone knows where free text begins; having the library read them once more would cost every short
/// command a third of its time.
/// </summary>
internal static class CommandApplication
{
    /// <summary>Name of the executable and of the tool's command.</summary>
    public const string ToolName = "codex-companion";

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
