using CodexCompanion.Tool.Commands;

namespace CodexCompanion.Tool.CommandLine;

/// <summary>A command: its name, options, words, help, and what it does.</summary>
/// <param name="Name">The word that selects it.</param>
/// <param name="Summary">One line for the list of commands.</param>
internal sealed record CommandSpec(string Name, string Summary)
{
    /// <summary>Its own options; those of every command come on top.</summary>
    public IReadOnlyList<OptionSpec> Options { get; init; } = [];

    /// <summary>What its words are called in the help text; null when it takes none.</summary>
    public string? WordName { get; init; }

    /// <summary>One line on its words.</summary>
    public string WordDescription { get; init; } = "";

    /// <summary>Whether its words are free text: the first one ends option parsing.</summary>
    public bool FreeText { get; init; }

    /// <summary>Most words it takes, unless they are free text.</summary>
    public int MostWords { get; init; }

    /// <summary>Whether what follows <c>--</c> are paths, as in git, and no words.</summary>
    public bool PathsAfterDashes { get; init; }

    /// <summary>Two or three command lines, as typed.</summary>
    public IReadOnlyList<string> Examples { get; init; } = [];

    /// <summary>Whether it is left out of the list of commands (internal entry points).</summary>
    public bool Hidden { get; init; }

    /// <summary>Commands below it (<c>broker status</c>); a command with such does nothing itself.</summary>
    public IReadOnlyList<CommandSpec> Subcommands { get; init; } = [];

    /// <summary>What it does; null for a group of commands. Reached only when nothing is wrong with the command line.</summary>
    public Func<CommandCall, ToolHost, Task<int>>? Run { get; init; }

    /// <summary>All options it knows.</summary>
    public OptionTable Table => new([.. Options, .. GlobalOptions.All]) { BeforeText = FreeText };
}
