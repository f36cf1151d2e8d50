namespace CodexCompanion.Tool.CommandLine;

/// <summary>The options of every command, and those that several share.</summary>
internal static class GlobalOptions
{
    /// <summary>Explains the command and does nothing else.</summary>
    public static OptionSpec Help { get; } = new("help", OptionArity.Flag, "Show this help.") { Short = 'h' };

    /// <summary>Output for programs.</summary>
    public static OptionSpec Json { get; } = new("json", OptionArity.Flag, "Print exactly one JSON object on stdout, errors too.");

    /// <summary>More to read.</summary>
    public static OptionSpec Verbose { get; } = new("verbose", OptionArity.Flag, "Show on stderr which steps were taken, and why.");

    /// <summary>Where to work.</summary>
    public static OptionSpec Cwd { get; } = new("cwd", OptionArity.Value, "Work in this directory.") { Short = 'C', ValueName = "DIR" };

    /// <summary>All of them, in the order of the help text.</summary>
    public static IReadOnlyList<OptionSpec> All { get; } = [Cwd, Json, Verbose, Help];

    /// <summary>Only understood before a command.</summary>
    public static OptionSpec Version { get; } = new("version", OptionArity.Flag, "Show the version.") { Short = 'V' };

    /// <summary>Of the commands that take free text from a slash command.</summary>
    public static OptionSpec ArgumentsStdin { get; } =
        new("arguments-stdin", OptionArity.Flag, "Read one raw line of arguments from stdin: options first, the rest is the prompt.");
}
