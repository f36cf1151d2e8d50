namespace CodexCompanion.StateStore;

/// <summary>Why a write of the state failed.</summary>
public enum StateFailure
{
    /// <summary>The disk or the system refused (full, read-only, no permission, I/O error).</summary>
    Disk,

    /// <summary>Somebody held the state lock for longer than the limit.</summary>
    LockTimeout,

    /// <summary>Locks do not work where the state lies.</summary>
    LockUnusable,

    /// <summary>A later version of the tool wrote the file; it is never overwritten.</summary>
    TooNew,

    /// <summary>The file is there, cannot be understood, and nothing may replace it.</summary>
    Corrupt,

    /// <summary>A folder of the state cannot be made or made ours: no permission, somebody else's, a link, no folder.</summary>
    Folder,

    /// <summary>The job cannot be recorded as asked: its id is taken or malformed, or it is too large.</summary>
    InvalidJob,
}

/// <summary>A write of the state failed; what was there before is intact. The message is one sentence for a person.</summary>
public sealed class StateStoreException : Exception
{
    /// <summary>Creates it with its typed cause.</summary>
    public StateStoreException(StateFailure failure, string message, Exception? inner = null)
        : base(message, inner)
    {
        Failure = failure;
    }

    /// <summary>Why.</summary>
    public StateFailure Failure { get; }
}
