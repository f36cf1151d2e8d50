namespace CodexCompanion.Pipeline.Validation;

/// <summary>What to make of the workspace's broker.</summary>
public enum VerdictKind
{
    /// <summary>Use it.</summary>
    Usable,

    /// <summary>Ask it to drain and start its successor.</summary>
    Retire,

    /// <summary>It serves others with something else; leave it alone and go direct.</summary>
    FingerprintConflict,

    /// <summary>One is being started: wait, bounded.</summary>
    Starting,

    /// <summary>There is none: start one.</summary>
    None,

    /// <summary>The record is corrupt and nobody holds the lock: set it aside, start one.</summary>
    Corrupt,

    /// <summary>It lives, and its backlog is full: try again, bounded.</summary>
    Busy,

    /// <summary>It holds its lock and does not answer: go direct.</summary>
    Unresponsive,

    /// <summary>The record's process is another one now: as Stale, and that process is never signalled.</summary>
    PidReused,

    /// <summary>It is gone: withdraw record and socket, start one.</summary>
    Stale,

    /// <summary>Locks do not work: go direct.</summary>
    LocksUnusable,

    /// <summary>Fits no case: go direct, touch nothing.</summary>
    Unknown,
}

/// <summary>A verdict and its reason in a sentence.</summary>
public sealed record Verdict(VerdictKind Kind, string Reason);
