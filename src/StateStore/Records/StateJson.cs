using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.StateStore.Records;

/// <summary>How the state files look as JSON: camelCase members, enums as lower-case words, nulls written, ISO times, indented.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    WriteIndented = true,
    MaxDepth = StateJson.Depth,
    Converters = [typeof(JobStatusConverter), typeof(FindingStateConverter), typeof(TimestampConverter)])]
[JsonSerializable(typeof(BrokerRecord))]
[JsonSerializable(typeof(JobRecord))]
[JsonSerializable(typeof(JobIndex))]
[JsonSerializable(typeof(WorkspaceConfig))]
[JsonSerializable(typeof(LockHolder))]
[JsonSerializable(typeof(FindingsLedger))]
internal sealed partial class StateJsonContext : JsonSerializerContext;

/// <summary>The one context to use.</summary>
internal static class StateJson
{
    /// <summary>How deep a file may nest. Results are Codex's own items, some of which nest deeper than the usual limit of 64.</summary>
    public const int Depth = 256;

    /// <summary>As above, and text stays readable: nobody puts these files into a web page.</summary>
    public static StateJsonContext Context { get; } =
        new(new JsonSerializerOptions(StateJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

/// <summary>Statuses as lower-case words; numbers are not accepted.</summary>
internal sealed class JobStatusConverter() : JsonStringEnumConverter<JobStatus>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

/// <summary>The same for what became of findings.</summary>
internal sealed class FindingStateConverter() : JsonStringEnumConverter<FindingState>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
