namespace CodexCompanion.Tool.Rendering;

/// <summary>Shows on stderr what a run is doing. Called from any thread.</summary>
internal abstract class ProgressView : IAsyncDisposable
{
    /// <summary>A line of progress; it may be replaced by the next one.</summary>
    public abstract void Line(string? phase, string line);

    /// <summary>A line that stays.</summary>
    public abstract void Note(string line);

    /// <summary>Stops showing, and leaves the terminal as it was.</summary>
    public abstract ValueTask DisposeAsync();

    /// <summary>The view that suits where stderr goes.</summary>
    public static ProgressView For(StandardStreams streams, IReadOnlyDictionary<string, string> variables, TimeProvider time, bool json)
    {
        if (json)
            return new SilentView();
        variables.TryGetValue("TERM", out var terminal);
        return streams.ErrorIsTerminal() && !string.Equals(terminal, "dumb", StringComparison.Ordinal)
            ? new SpinnerView(streams, time, Colour.IsWanted(variables, isTerminal: true))
            : new LinesView(streams, WorkflowCommands.AreRead(variables));
    }
}

/// <summary>Shows nothing: a program reads our output.</summary>
internal sealed class SilentView : ProgressView
{
    /// <inheritdoc/>
    public override void Line(string? phase, string line)
    {
        // Not for programs; it is in the job's log.
    }

    /// <inheritdoc/>
    public override void Note(string line)
    {
        // Not for programs; the result has it.
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>One plain line after the other: stderr is a file, a pipe or a simple terminal.</summary>
internal sealed class LinesView(StandardStreams streams, bool forRunner) : ProgressView
{
    /// <inheritdoc/>
    public override void Line(string? phase, string line) => Note(line);

    /// <inheritdoc/>
    public override void Note(string line)
    {
        var plain = Plain.OneLine(line);
        streams.WriteErrorLine(forRunner ? WorkflowCommands.InText(plain) : plain);
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
