namespace CodexCompanion.Pipeline.Turns;

/// <summary>How the server ended a turn: closed, one of three.</summary>
public abstract record TurnEnd
{
    private TurnEnd()
    {
    }

    /// <summary>It completed.</summary>
    public sealed record Completed : TurnEnd;

    /// <summary>It failed.</summary>
    /// <param name="Failure">Why.</param>
    public sealed record Failed(Outcome.Failed Failure) : TurnEnd;

    /// <summary>Somebody interrupted it.</summary>
    public sealed record Interrupted : TurnEnd;
}
