namespace CodexCompanion.Tool.Doctor;

/// <summary>How a check came out.</summary>
internal enum CheckStatus
{
    /// <summary>Nothing wrong.</summary>
    Ok,

    /// <summary>Something worth knowing.</summary>
    Warning,

    /// <summary>Something is wrong, and was left so.</summary>
    Problem,

    /// <summary>Something was wrong, and was put right.</summary>
    Repaired,

    /// <summary>Something is wrong, and the attempt to put it right did not succeed.</summary>
    Failed,

    /// <summary>The check did not look.</summary>
    Skipped,

    /// <summary>The check itself failed.</summary>
    Crashed,
}

/// <summary>A finding and what became of it.</summary>
/// <param name="Finding">The finding.</param>
/// <param name="Done">What was done about it, as a phrase; null when nothing was, or nothing that lasted.</param>
/// <param name="Failure">Why the attempt did not succeed; null when none was made, or it did.</param>
internal sealed record FindingReport(Finding Finding, string? Done, string? Failure)
{
    /// <summary>Whether it is left.</summary>
    public bool IsLeft => Done is null;

    /// <summary>Whether a repair was taken back, since the check still found the same after it.</summary>
    public bool WasUndone { get; init; }
}

/// <summary>One check of one workspace, or of the user: the model behind every rendering.</summary>
internal sealed record CheckReport
{
    /// <summary>The check.</summary>
    public required IDoctorCheck Check { get; init; }

    /// <summary>The workspace; null for a check about the user.</summary>
    public WorkspaceSite? Workspace { get; init; }

    /// <summary>How it came out.</summary>
    public required CheckStatus Status { get; init; }

    /// <summary>One phrase.</summary>
    public required string Message { get; init; }

    /// <summary>What was seen where nothing is wrong; where a check crashed, where it did.</summary>
    public IReadOnlyList<string> Evidence { get; init; } = [];

    /// <summary>The findings, in the order they were made.</summary>
    public IReadOnlyList<FindingReport> Findings { get; init; } = [];

    /// <summary>How long looking and putting right took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>From findings and what became of them.</summary>
    public static CheckStatus StatusOf(IReadOnlyList<FindingReport> findings)
    {
        var left = findings.Where(f => f.IsLeft).ToList();
        if (left.Exists(f => f is { Failure: not null, Finding.Severity: Severity.Problem }))
            return CheckStatus.Failed;
        if (left.Exists(f => f.Finding.Severity == Severity.Problem))
            return CheckStatus.Problem;
        if (left.Count > 0)
            return CheckStatus.Warning;
        return findings.Count > 0 ? CheckStatus.Repaired : CheckStatus.Ok;
    }
}

/// <summary>Everything a run found and did.</summary>
/// <param name="Site">Where.</param>
/// <param name="Checks">One for each check and workspace, in the order of the catalogue.</param>
/// <param name="Journal">File of the journal; null when nothing was done.</param>
/// <param name="Duration">How long it all took.</param>
internal sealed record DoctorReport(DoctorSite Site, IReadOnlyList<CheckReport> Checks, string? Journal, TimeSpan Duration)
{
    /// <summary>How many came out so.</summary>
    public int Count(CheckStatus status) => Checks.Count(check => check.Status == status);

    /// <summary>How many have something left that is wrong.</summary>
    public int Left => Count(CheckStatus.Problem) + Count(CheckStatus.Failed) + Count(CheckStatus.Crashed);

    /// <summary>Number of the signal that stopped it; null when none did.</summary>
    public int? Signal { get; init; }

    /// <summary>The exit code of the process.</summary>
    public int ExitCode =>
        Signal is { } number ? ExitCodes.SignalBase + number :
        Checks.Any(check => check.Status == CheckStatus.Crashed || check.Findings.Any(f => f.WasUndone)) ? ExitCodes.DoctorFailed
        : Left > 0 ? ExitCodes.Failed
        : ExitCodes.Done;
}
