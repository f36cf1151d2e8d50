namespace CodexCompanion.Pipeline;

/// <summary>
/// Every time limit of the product, in one place; docs/time-limits.md is the same table for people. Each can be set in the
/// configuration under <c>limits</c>.
/// </summary>
public sealed record TimeLimits
{
    /// <summary>Connecting to a socket of this machine: it answers in microseconds or not at all.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The broker's answer to our cookie: a loaded machine may need a moment, a mute broker never answers.</summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>From starting a broker to its first answer, while its process lives: a cold disk and a slow codex fit in.</summary>
    public TimeSpan BrokerStart { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The app-server's answer to <c>initialize</c>; measured 70 ms warm, seconds with a cold cache.</summary>
    public TimeSpan Initialize { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Calls that start something or read something.</summary>
    public TimeSpan Call { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>From <c>turn/interrupt</c> to the turn's end.</summary>
    public TimeSpan InterruptConfirmed { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A whole cancel: interrupt, clean, end processes, and the proof. Also the time to prove a lost turn's end.</summary>
    public TimeSpan Cancel { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a draining broker lets its turns run on.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>A broker with no client and no turn for this long exits.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>The same, once the last registered session was released.</summary>
    public TimeSpan IdleAfterLastSession { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A broker older than this is replaced.</summary>
    public TimeSpan BrokerAge { get; init; } = TimeSpan.FromHours(12);

    /// <summary>A broker with another fingerprint is left alone this long after its start: two callers with different settings must not keep replacing each
    /// other's broker.</summary>
    public TimeSpan FingerprintConflict { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>From starting a background worker to its acknowledgement.</summary>
    public TimeSpan WorkerAcknowledge { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A turn without any event (deltas count) for this long has stalled.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Wall-clock limit of a turn; null for none.</summary>
    public TimeSpan? Turn { get; init; }

    /// <summary>After the main thread's final message with nothing else open, how long to wait for <c>turn/completed</c> before its end
    /// is inferred. Long, because a healthy server always sends it: only one that lost it gets here.</summary>
    public TimeSpan InferredEnd { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>A whole SessionStart hook, from the start of its process: the user waits for it.</summary>
    public TimeSpan SessionStartHook { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>A whole SessionEnd hook: the host gives all hooks together 1.5 s, and others may stand before it.</summary>
    public TimeSpan SessionEndHook { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The review of the stop hook: a user waits for the end of the session's turn, and a review of one turn takes minutes.</summary>
    public TimeSpan StopReview { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Longest line taken from an app-server, in bytes: a turn may carry a whole diff or file.</summary>
    public const int MaxAppServerLine = 64 * 1024 * 1024;

    /// <summary>Longest line taken from a client of the broker, in bytes: prompts end at 1,048,576 characters, with room for escapes.</summary>
    public const int MaxClientLine = 16 * 1024 * 1024;
}
