using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.StateStore.Disk;

/// <summary>Who holds a lock, as its side file says. A hint for people: the lock itself is the truth.</summary>
/// <param name="Process">The process.</param>
/// <param name="Purpose">What for, in a few words.</param>
/// <param name="Since">Since when.</param>
public sealed record LockHolder(ProcessIdentity Process, string Purpose, DateTimeOffset Since);

/// <summary>What a probe of a lock found.</summary>
public enum LockState
{
    /// <summary>Nobody holds it.</summary>
    Free,

    /// <summary>Somebody holds it.</summary>
    Held,

    /// <summary>Locks do not work here; nothing may be concluded.</summary>
    Unusable,
}

/// <summary>Answer of a probe.</summary>
/// <param name="State">What was found.</param>
/// <param name="Holder">Who holds it; null when nobody does, or it cannot be told.</param>
/// <param name="Reason">Why it is unusable; null otherwise.</param>
public sealed record LockProbe(LockState State, LockHolder? Holder, string? Reason);

/// <summary>Answer of an attempt to take a lock.</summary>
public abstract record LockAttempt
{
    private LockAttempt()
    {
    }

    /// <summary>The lock is ours until it is disposed.</summary>
    public sealed record Acquired(HeldLock Lock) : LockAttempt;

    /// <summary>Somebody else has it; null when it cannot be told who.</summary>
    public sealed record Held(LockHolder? Holder) : LockAttempt;

    /// <summary>Locks do not work here, for the reason in one sentence.</summary>
    public sealed record Unusable(string Reason) : LockAttempt;
}
