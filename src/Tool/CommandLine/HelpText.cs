using McMaster.Extensions.CommandLineUtils;
using McMaster.Extensions.CommandLineUtils.HelpText;

namespace CodexCompanion.Tool.CommandLine;

/// <summary>The library's help text with our usage line: options come before the words.</summary>
internal sealed class HelpText(CommandSpec command) : DefaultHelpTextGenerator
{
    /// <inheritdoc/>
    protected override void GenerateUsage(
        CommandLineApplication application,
        TextWriter output,
        IReadOnlyList<CommandArgument> visibleArguments,
        IReadOnlyList<CommandOption> visibleOptions,
        IReadOnlyList<CommandLineApplication> visibleCommands)
    {
        var rest = command.Subcommands.Count > 0 ? " COMMAND …" : command.WordName is null ? "" : $" [{command.WordName}]";
        output.WriteLine($"Usage: {application.Name} [options]{rest}");
    }
}
