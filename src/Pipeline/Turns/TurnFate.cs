namespace CodexCompanion.Pipeline.Turns;

/// <summary>What a thread, read back, says of one turn: closed.</summary>
public abstract record TurnFate
{
    private TurnFate()
    {
    }

    /// <summary>It completed.</summary>
    /// <param name="Result">What it brought.</param>
    public sealed record Completed(TurnResult Result) : TurnFate;

    /// <summary>It was interrupted. Also said of a turn that still runs in another server: prove that server gone first.</summary>
    /// <param name="Partial">What it had brought.</param>
    public sealed record Interrupted(TurnResult Partial) : TurnFate;

    /// <summary>It failed by itself.</summary>
    /// <param name="Failure">Why, with what it had brought.</param>
    public sealed record Failed(Outcome.Failed Failure) : TurnFate;

    /// <summary>It runs in the server that was asked.</summary>
    /// <param name="TurnId">The turn.</param>
    public sealed record Running(string TurnId) : TurnFate;

    /// <summary>The message is not there: it never arrived, nothing ran.</summary>
    public sealed record NotThere : TurnFate;

    /// <summary>The server keeps no client ids, so that nothing can be said.</summary>
    public sealed record Unknown : TurnFate;
}
