namespace CodexCompanion.Tool.Selftest;

/// <summary>How a row came out.</summary>
internal enum RowStatus
{
    /// <summary>Every task did what it should, and every fault fired.</summary>
    Passed,

    /// <summary>Something did not.</summary>
    Failed,

    /// <summary>With recovery switched off the tasks that met the fault failed, as they must.</summary>
    Control,

    /// <summary>It cannot be run on this system.</summary>
    Skipped,
}

/// <summary>One line of the table.</summary>
internal sealed record RowResult
{
    /// <summary>The row's name.</summary>
    public required string Name { get; init; }

    /// <summary>What happens in it, in one line.</summary>
    public required string Description { get; init; }

    /// <summary>How it came out.</summary>
    public required RowStatus Status { get; init; }

    /// <summary>Tasks that were run.</summary>
    public int Tasks { get; init; }

    /// <summary>Tasks that did what was asked.</summary>
    public int Passed { get; init; }

    /// <summary>How often the row's fault fired.</summary>
    public int FaultsFired { get; init; }

    /// <summary>Side effects counted, over all tasks (<see cref="RowEvidence.SideEffectsOf"/>).</summary>
    public int SideEffects { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Why it failed or was skipped; null when there is nothing to say.</summary>
    public string? Detail { get; init; }

    /// <summary>The first task that failed; null when none did.</summary>
    public TaskRun? FirstFailure { get; init; }
}
