using CodexCompanion.Pipeline;

namespace CodexCompanion.Tool.Configuration;

/// <summary>A time limit under the name it is configured by.</summary>
/// <param name="Name">Key below <c>limits</c>.</param>
/// <param name="Get">Reads it; null for no limit.</param>
/// <param name="Set">Puts a value in.</param>
internal sealed record LimitKey(string Name, Func<TimeLimits, TimeSpan?> Get, Func<TimeLimits, TimeSpan, TimeLimits> Set)
{
    /// <summary>The environment variable of the same limit.</summary>
    public string Variable => $"CODEX_COMPANION_{ConfigWords.UpperSnake(Name)}_LIMIT";
}

/// <summary>The names of all time limits.</summary>
internal static class LimitKeys
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<LimitKey> All { get; } =
    [
        new("connect", limits => limits.Connect, (limits, span) => limits with { Connect = span }),
        new("handshake", limits => limits.Handshake, (limits, span) => limits with { Handshake = span }),
        new("brokerStart", limits => limits.BrokerStart, (limits, span) => limits with { BrokerStart = span }),
        new("initialize", limits => limits.Initialize, (limits, span) => limits with { Initialize = span }),
        new("call", limits => limits.Call, (limits, span) => limits with { Call = span }),
        new("interruptConfirmed", limits => limits.InterruptConfirmed, (limits, span) => limits with { InterruptConfirmed = span }),
        new("cancel", limits => limits.Cancel, (limits, span) => limits with { Cancel = span }),
        new("drain", limits => limits.Drain, (limits, span) => limits with { Drain = span }),
        new("idle", limits => limits.Idle, (limits, span) => limits with { Idle = span }),
        new("idleAfterLastSession", limits => limits.IdleAfterLastSession, (limits, span) => limits with { IdleAfterLastSession = span }),
        new("brokerAge", limits => limits.BrokerAge, (limits, span) => limits with { BrokerAge = span }),
        new("fingerprintConflict", limits => limits.FingerprintConflict, (limits, span) => limits with { FingerprintConflict = span }),
        new("workerAcknowledge", limits => limits.WorkerAcknowledge, (limits, span) => limits with { WorkerAcknowledge = span }),
        new("inferredEnd", limits => limits.InferredEnd, (limits, span) => limits with { InferredEnd = span }),
        new("stall", limits => limits.Stall, (limits, span) => limits with { Stall = span }),
        new("sessionStartHook", limits => limits.SessionStartHook, (limits, span) => limits with { SessionStartHook = span }),
        new("sessionEndHook", limits => limits.SessionEndHook, (limits, span) => limits with { SessionEndHook = span }),
        new("stopReview", limits => limits.StopReview, (limits, span) => limits with { StopReview = span }),
        new("time", limits => limits.Turn, (limits, span) => limits with { Turn = span }),
    ];
}
