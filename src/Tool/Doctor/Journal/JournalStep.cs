namespace CodexCompanion.Tool.Doctor.Journal;

/// <summary>What a step of a repair does.</summary>
internal enum StepKind
{
    /// <summary>Moves something into the quarantine.</summary>
    Moved,

    /// <summary>Writes a file anew; the old one is kept in the quarantine, if there was one.</summary>
    Replaced,

    /// <summary>Changes permissions.</summary>
    Mode,

    /// <summary>Removes for good what holds nothing: a socket, a temporary file, a lock of something that has ended.</summary>
    Removed,

    /// <summary>Removes an empty folder of ours.</summary>
    RemovedFolder,

    /// <summary>Ends a process.</summary>
    Ended,
}

/// <summary>One step of a repair: enough to undo it, where it can be undone.</summary>
/// <param name="Check">The check whose repair it belongs to.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Path">What it does it to; for a process its PID and command.</param>
internal sealed record JournalStep(string Check, StepKind Kind, string Path)
{
    /// <summary>Where the old thing is kept; null where nothing is.</summary>
    public string? Kept { get; init; }

    /// <summary>The permissions before, as an octal number; null where they do not change.</summary>
    public string? ModeBefore { get; init; }

    /// <summary>State folder of the workspace whose lock covers the step; null for none.</summary>
    public string? Workspace { get; init; }

    /// <summary>Whether it was done, and not only begun.</summary>
    public bool WasDone { get; init; }

    /// <summary>When it was done; null when that is not known.</summary>
    public DateTimeOffset? DoneAt { get; init; }

    /// <summary>Whether what it does can be taken back.</summary>
    public bool CanBeUndone => Kind is StepKind.Moved or StepKind.Replaced or StepKind.Mode or StepKind.RemovedFolder;
}
