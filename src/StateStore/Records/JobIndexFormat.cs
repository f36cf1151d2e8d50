using System.Text.Json;
using CodexCompanion.StateStore.Json;

namespace CodexCompanion.StateStore.Records;

/// <summary><c>jobs.json</c>.</summary>
internal static class JobIndexFormat
{
    /// <summary>What an entry takes, with all its members and none of them long, in bytes.</summary>
    public const int UsualEntry = 2560;

    /// <summary>The format.</summary>
    public static JsonFormat<JobIndex> Instance { get; } = new(Read, Write);

    /// <summary>The same for readers who want the settings alone: the jobs are not made into records.</summary>
    public static JsonFormat<JobIndex> WithoutJobs { get; } = new(ReadConfig, Write);

    private static JobIndex ReadConfig(JsonMembers members) => new() { Config = members.Object("config", WorkspaceConfigFormat.Instance) };

    private static JobIndex Read(JsonMembers members) => new()
    {
        Version = members.Integer("version") ?? 0,
        Config = members.Object("config", WorkspaceConfigFormat.Instance),
        Jobs = members.Objects("jobs", JobRecordFormat.Instance) ?? [],
        Archived = members.Integer("archived") ?? 0,
        Extra = members.Rest(),
    };

    private static void Write(Utf8JsonWriter writer, JobIndex index)
    {
        writer.Number("version"u8, index.Version);
        writer.Object("config"u8, index.Config, WorkspaceConfigFormat.Instance);
        writer.Objects("jobs"u8, index.Jobs, JobRecordFormat.Instance);
        if (index.Archived > 0)
            writer.Number("archived"u8, index.Archived);
        writer.Rest(index.Extra);
    }
}
