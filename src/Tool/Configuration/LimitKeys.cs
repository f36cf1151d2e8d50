using CodexCompanion.Pipeline;

namespace CodexCompanion.Tool.Configuration;

/// <summary>A time limit under the name it is configured by.</summary>
/// <param name="Name">Key below <c>limits</c>.</param>
/// <param name="Set">Puts a value in.</param>
internal sealed record LimitKey(string Name, Func<TimeLimits, TimeSpan, TimeLimits> Set)
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
        new("connect", (limits, span) => limits with { Connect = span }),
        new("handshake", (limits, span) => limits with { Handshake = span }),
        new("brokerStart", (limits, span) => limits with { BrokerStart = span }),
        new("initialize", (limits, span) => limits with { Initialize = span }),
        new("call", (limits, span) => limits with { Call = span }),
        new("interruptConfirmed", (limits, span) => limits with { InterruptConfirmed = span }),
        new("cancel", (limits, span) => limits with { Cancel = span }),
        new("drain", (limits, span) => limits with { Drain = span }),
        new("idle", (limits, span) => limits with { Idle = span }),
        new("idleAfterLastSession", (limits, span) => limits with { IdleAfterLastSession = span }),
        new("brokerAge", (limits, span) => limits with { BrokerAge = span }),
        new("workerAcknowledge", (limits, span) => limits with { WorkerAcknowledge = span }),
        new("inferredEnd", (limits, span) => limits with { InferredEnd = span }),
        new("stall", (limits, span) => limits with { Stall = span }),
        new("sessionStartHook", (limits, span) => limits with { SessionStartHook = span }),
        new("sessionEndHook", (limits, span) => limits with { SessionEndHook = span }),
        new("time", (limits, span) => limits with { Turn = span }),
    ];
}
