using System.Buffers;
using System.Text.Json;
using CodexCompanion.Tool.Rendering;
using ModelContextProtocol.Protocol;
using ProtocolTool = ModelContextProtocol.Protocol.Tool;

namespace CodexCompanion.Tool.Mcp;

/// <summary>A tool as the host's model sees it.</summary>
/// <param name="Name">The word that selects it.</param>
/// <param name="Title">What a person is shown.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Parameters">Its arguments.</param>
internal sealed record ToolSpec(string Name, string Title, string Description, IReadOnlyList<ToolParameter> Parameters)
{
    /// <summary>Whether it changes nothing but our own notes.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Whether what it does may be beyond repair.</summary>
    public bool Destructive { get; init; }

    /// <summary>Whether it sends anything to Codex.</summary>
    public bool ReachesCodex { get; init; }

    /// <summary>In the protocol's words.</summary>
    public ProtocolTool Shape() => new()
    {
        Name = Name,
        Title = Title,
        Description = Description,
        InputSchema = Schema(),
        Annotations = new ToolAnnotations
        {
            Title = Title,
            ReadOnlyHint = ReadOnly,
            DestructiveHint = Destructive,
            IdempotentHint = ReadOnly,
            OpenWorldHint = ReachesCodex,
        },
    };

    private JsonElement Schema()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("type", "object");
            writer.WriteStartObject("properties");
            foreach (var parameter in Parameters)
                parameter.WriteSchema(writer);
            writer.WriteEndObject();
            writer.WriteStartArray("required");
            foreach (var parameter in Parameters.Where(parameter => parameter.Required))
                writer.WriteStringValue(parameter.Name);
            writer.WriteEndArray();
            writer.WriteBoolean("additionalProperties", value: false);
            writer.WriteEndObject();
        }

        return JsonText.Parse(buffer);
    }
}
