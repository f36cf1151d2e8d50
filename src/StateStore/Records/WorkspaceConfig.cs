using System.Text.Json;

namespace CodexCompanion.StateStore.Records;

/// <summary><c>config.json</c>: settings of one workspace. Never rebuilt from anything, never reset by damage elsewhere.</summary>
public sealed record WorkspaceConfig
{
    /// <summary>Newest layout of this file that this version reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Layout of this record; 0 when the file has none.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Whether a Claude session's end is held up by a review of its last turn.</summary>
    public bool StopReviewGate { get; init; }

    /// <summary>Members this version does not know; they survive a rewrite.</summary>
    public Dictionary<string, JsonElement>? Extra { get; init; }
}
