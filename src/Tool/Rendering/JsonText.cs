using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace CodexCompanion.Tool.Rendering;

/// <summary>Values as JSON, without reflection.</summary>
internal static class JsonText
{
    /// <summary>A text as a JSON string.</summary>
    public static JsonElement Element(string value) => Element(value, ToolJson.Default.String);

    /// <summary>A value as a JSON element.</summary>
    public static JsonElement Element<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToElement(value, type);

    /// <summary>A value as one line of JSON.</summary>
    public static string Line<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.Serialize(value, type);
}
