namespace CodexCompanion.Tool.CommandLine;

/// <summary>What a command line asks for: closed, one of four.</summary>
internal abstract record Invocation
{
    private Invocation()
    {
    }

    /// <summary>The help text of a command.</summary>
    /// <param name="Command">The command.</param>
    /// <param name="Path">Its name with those above it.</param>
    /// <param name="Asked">Whether it was asked for; else it answers a line without a command.</param>
    internal sealed record Help(CommandSpec Command, string Path, bool Asked) : Invocation;

    /// <summary>The version.</summary>
    internal sealed record Version : Invocation;

    /// <summary>The line is wrong.</summary>
    /// <param name="Error">Why.</param>
    /// <param name="Path">The command whose help tells more.</param>
    internal sealed record Bad(UsageError Error, string Path) : Invocation;

    /// <summary>Run a command.</summary>
    internal sealed record Run(CommandCall Call) : Invocation;
}
