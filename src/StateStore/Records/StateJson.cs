namespace CodexCompanion.StateStore.Records;

/// <summary>What holds for the JSON of all state files.</summary>
internal static class StateJson
{
    /// <summary>How deep a file may nest. Results are Codex's own items, some of which nest deeper than the usual limit of 64.</summary>
    public const int Depth = 256;
}
