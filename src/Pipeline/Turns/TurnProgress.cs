namespace CodexCompanion.Pipeline.Turns;

/// <summary>
/// How far a request got; what decides between "go direct as if nothing had been" and the rules of recovery when the connection is lost.
/// Written by the run, read after it.
/// </summary>
public sealed class TurnProgress
{
    /// <summary>The thread, once known.</summary>
    public string? ThreadId { get; set; }

    /// <summary>The turn, once the server named it.</summary>
    public string? TurnId { get; set; }

    /// <summary>Set just before the first byte that may start a turn is sent. From here on the turn may be running.</summary>
    public bool TurnSent { get; set; }

    /// <summary>The result as far as it is known.</summary>
    public TurnResult? Partial { get; set; }
}
