using System.Text.Json;
using CodexCompanion.StateStore.Json;

namespace CodexCompanion.StateStore.Records;

/// <summary><c>config.json</c>.</summary>
internal static class WorkspaceConfigFormat
{
    /// <summary>The format.</summary>
    public static JsonFormat<WorkspaceConfig> Instance { get; } = new(Read, Write);

    private static WorkspaceConfig Read(JsonMembers members) => new()
    {
        Version = members.Integer("version") ?? 0,
        StopReviewGate = members.Flag("stopReviewGate"),
        Extra = members.Rest(),
    };

    private static void Write(Utf8JsonWriter writer, WorkspaceConfig config)
    {
        writer.Number("version"u8, config.Version);
        writer.WriteBoolean("stopReviewGate"u8, config.StopReviewGate);
        writer.Rest(config.Extra);
    }
}
