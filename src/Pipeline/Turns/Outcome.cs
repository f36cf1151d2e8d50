namespace CodexCompanion.Pipeline.Turns;

/// <summary>Why a run failed. Each has a stable code (for JSON) in <see cref="FailureCodes"/> and an exit code in the tool.</summary>
public enum FailureKind
{
    /// <summary>The turn itself failed (model error, server error).</summary>
    TurnFailed,

    /// <summary>The server refused the request (unknown model, prompt too long, bad configuration).</summary>
    Refused,

    /// <summary>The thread to continue does not exist.</summary>
    ThreadNotFound,

    /// <summary>Codex was not found.</summary>
    CodexMissing,

    /// <summary>Codex is too old.</summary>
    CodexTooOld,

    /// <summary>Codex was found and does not start.</summary>
    CodexBroken,

    /// <summary>Codex is not logged in, or its login was refused.</summary>
    NotLoggedIn,

    /// <summary>The account's quota is used up.</summary>
    UsageLimit,

    /// <summary>The model has no capacity, or too many requests were sent.</summary>
    Capacity,

    /// <summary>Somebody else holds what is needed (the thread has an active writer, a lock).</summary>
    Busy,

    /// <summary>The connection was lost and the turn could not be recovered.</summary>
    ConnectionLost,

    /// <summary>The turn ran into its wall-clock limit and was stopped.</summary>
    TimeLimit,

    /// <summary>The turn gave no sign of life for the stall limit and was stopped.</summary>
    Stalled,

    /// <summary>A fault of this tool.</summary>
    Internal,
}

/// <summary>What stopping a turn proved.</summary>
/// <param name="InterruptSent">Whether an interrupt was sent.</param>
/// <param name="TurnEnded">Whether the turn is known to have ended (the server said so, or its process is gone).</param>
/// <param name="ProcessesLeft">Processes of the turn that could not be ended, by PID and command; empty when none is left.</param>
/// <param name="Detail">One sentence on what was done.</param>
public sealed record StopProof(bool InterruptSent, bool TurnEnded, IReadOnlyList<string> ProcessesLeft, string Detail)
{
    /// <summary>Nothing had been started, so nothing was to stop.</summary>
    public static StopProof NothingRan { get; } = new(InterruptSent: false, TurnEnded: true, [], "No turn had been started.");
}

/// <summary>How a run ended: closed, one of three.</summary>
public abstract record Outcome
{
    private Outcome()
    {
    }

    /// <summary>What the turn brought; null when it brought nothing.</summary>
    public abstract TurnResult? Result { get; init; }

    /// <summary>It completed.</summary>
    public sealed record Completed(TurnResult Value) : Outcome
    {
        /// <inheritdoc/>
        public override TurnResult? Result { get; init; } = Value;
    }

    /// <summary>It failed.</summary>
    /// <param name="Kind">Why.</param>
    /// <param name="Message">One sentence, the server's own where it gave one.</param>
    /// <param name="Hint">What to do, when there is something; null otherwise.</param>
    public sealed record Failed(FailureKind Kind, string Message, string? Hint = null) : Outcome
    {
        /// <inheritdoc/>
        public override TurnResult? Result { get; init; }
    }

    /// <summary>It was stopped on request.</summary>
    /// <param name="Proof">What was proved.</param>
    public sealed record Cancelled(StopProof Proof) : Outcome
    {
        /// <inheritdoc/>
        public override TurnResult? Result { get; init; }
    }
}

/// <summary>The stable codes of <see cref="FailureKind"/>, as job records and <c>--json</c> show them.</summary>
public static class FailureCodes
{
    /// <summary>The code of a kind: its name in kebab case.</summary>
    public static string Of(FailureKind kind) => kind switch
    {
        FailureKind.TurnFailed => "turn-failed",
        FailureKind.Refused => "refused",
        FailureKind.ThreadNotFound => "thread-not-found",
        FailureKind.CodexMissing => "codex-missing",
        FailureKind.CodexTooOld => "codex-too-old",
        FailureKind.CodexBroken => "codex-broken",
        FailureKind.NotLoggedIn => "not-logged-in",
        FailureKind.UsageLimit => "usage-limit",
        FailureKind.Capacity => "capacity",
        FailureKind.Busy => "busy",
        FailureKind.ConnectionLost => "connection-lost",
        FailureKind.TimeLimit => "timeout",
        FailureKind.Stalled => "stalled",
        _ => "internal",
    };
}
