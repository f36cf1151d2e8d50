using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>How the start of an app-server went.</summary>
public abstract record AppServerStart
{
    private AppServerStart()
    {
    }

    /// <summary>It runs and is initialised.</summary>
    /// <param name="Server">The app-server.</param>
    /// <param name="Note">Something for the log; null when there is nothing.</param>
    public sealed record Started(AppServerProcess Server, string? Note = null) : AppServerStart;

    /// <summary>It does not run.</summary>
    /// <param name="Kind">Why.</param>
    /// <param name="Message">Why, in one sentence.</param>
    /// <param name="Hint">What to do about it; null when there is nothing to say.</param>
    public sealed record Failed(FailureKind Kind, string Message, string? Hint = null) : AppServerStart;
}

/// <summary>How an app-server ended.</summary>
/// <param name="Exit">Its exit code or signal.</param>
/// <param name="LastWords">The last lines of its error output; null when it wrote nothing.</param>
public sealed record AppServerExit(ChildExit Exit, string? LastWords)
{
    /// <summary>In one sentence.</summary>
    public string Sentence =>
        $"codex app-server {Exit.Description}{(LastWords is null ? "." : $"; its last words: {LastWords}")}";

    /// <inheritdoc/>
    public override string ToString() => Sentence;
}
