using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CodexCompanion.StateStore.Json;

namespace CodexCompanion.Tool.Rendering;

/// <summary>Values as JSON, without reflection.</summary>
internal static class JsonText
{
    /// <summary>A text as a JSON string.</summary>
    public static JsonElement Element(string value) => Parse(Written(writer => writer.WriteStringValue(value)));

    /// <summary>An object as a JSON element.</summary>
    /// <param name="members">Writes its members.</param>
    public static JsonElement Object(Action<Utf8JsonWriter> members) => Parse(Written(writer =>
    {
        writer.WriteStartObject();
        members(writer);
        writer.WriteEndObject();
    }));

    /// <summary>A value as a JSON element.</summary>
    public static JsonElement Element<T>(T value, JsonTypeInfo<T> type) => Parse(Written(writer => type.SerializeHandler!(writer, value)));

    /// <summary>A value as one line of JSON.</summary>
    public static string Line<T>(T value, JsonTypeInfo<T> type) =>
        Line(Written(writer => type.SerializeHandler!(writer, value)));

    /// <summary>An element as one line of JSON.</summary>
    public static string Line(JsonElement value) => Line(Written(value.WriteTo));

    /// <summary>Parses JSON of our own making.</summary>
    public static JsonElement Parse(ArrayBufferWriter<byte> json)
    {
        using var document = JsonDocument.Parse(json.WrittenMemory);
        return document.RootElement.Clone();
    }

    private static string Line(ArrayBufferWriter<byte> json) => WorkflowCommands.InJson(Encoding.UTF8.GetString(json.WrittenSpan));

    private static ArrayBufferWriter<byte> Written(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, JsonLayout.Line);
        write(writer);
        writer.Flush();
        return buffer;
    }
}
