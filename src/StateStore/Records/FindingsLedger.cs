using System.Text.Json;

namespace CodexCompanion.StateStore.Records;

/// <summary>What became of a finding.</summary>
public enum FindingState
{
    /// <summary>Found, and nothing says that it is gone.</summary>
    Open,

    /// <summary>Not reported any more, and the code it was about is no longer there.</summary>
    Fixed,

    /// <summary>Somebody decided to live with it.</summary>
    Accepted,

    /// <summary>Somebody decided that it is none.</summary>
    Wrong,
}

/// <summary>One finding the workspace remembers.</summary>
public sealed record FindingRecord
{
    /// <summary>Its fingerprint, by which it is named: twelve hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>What became of it.</summary>
    public FindingState State { get; init; }

    /// <summary>critical, high, medium or low.</summary>
    public string? Severity { get; init; }

    /// <summary>One line.</summary>
    public string? Title { get; init; }

    /// <summary>What goes wrong, when, and why.</summary>
    public string? Body { get; init; }

    /// <summary>What to change.</summary>
    public string? Recommendation { get; init; }

    /// <summary>Path relative to the repository's root.</summary>
    public string? File { get; init; }

    /// <summary>First line, when it was last reported.</summary>
    public int LineStart { get; init; }

    /// <summary>Last line, when it was last reported.</summary>
    public int LineEnd { get; init; }

    /// <summary>Hash of the lines it is about, whatever their indentation; null when they could not be read.</summary>
    public string? CodeHash { get; init; }

    /// <summary>How many lines went into <see cref="CodeHash"/>.</summary>
    public int CodeLines { get; init; }

    /// <summary>When it was first reported.</summary>
    public DateTimeOffset FirstSeenAt { get; init; }

    /// <summary>When it was last reported.</summary>
    public DateTimeOffset LastSeenAt { get; init; }

    /// <summary>When its state last changed; null when it never did.</summary>
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>Why somebody accepted it or calls it wrong; null when nobody said.</summary>
    public string? Reason { get; init; }

    /// <summary>The review that last reported it.</summary>
    public string? JobId { get; init; }

    /// <summary>Members this version does not know; they survive a rewrite.</summary>
    public Dictionary<string, JsonElement>? Extra { get; init; }
}

/// <summary><c>findings.json</c>: what reviews of this workspace found, and what became of it.</summary>
public sealed record FindingsLedger
{
    /// <summary>Newest layout of this file that this version reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Layout of this record; 0 when the file has none.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The findings, oldest first.</summary>
    public IReadOnlyList<FindingRecord> Findings { get; init; } = [];

    /// <summary>Members this version does not know; they survive a rewrite.</summary>
    public Dictionary<string, JsonElement>? Extra { get; init; }
}
