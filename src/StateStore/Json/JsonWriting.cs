using System.Text.Json;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.StateStore.Json;

/// <summary>Members of a record. Nulls are written, so that a reader can tell "none" from "not known to this version".</summary>
public static class JsonWriting
{
    /// <summary>A text.</summary>
    public static void Text(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is null)
            writer.WriteNull(name);
        else
            writer.WriteString(name, value);
    }

    /// <summary>A whole number.</summary>
    public static void Number(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } number)
            writer.WriteNumber(name, number);
        else
            writer.WriteNull(name);
    }

    /// <summary>A time, in UTC with milliseconds.</summary>
    public static void Time(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, DateTimeOffset? value) =>
        writer.Text(name, value is { } time ? Timestamp.Write(time) : null);

    /// <summary>A value that was read from JSON; null for none.</summary>
    public static void Any(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, JsonElement? value)
    {
        writer.WritePropertyName(name);
        if (value is { ValueKind: not JsonValueKind.Undefined } element)
            element.WriteTo(writer);
        else
            writer.WriteNullValue();
    }

    /// <summary>A list of texts; null for none.</summary>
    public static void Texts(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<string>? values)
    {
        if (values is null)
        {
            writer.WriteNull(name);
            return;
        }

        writer.WriteStartArray(name);
        foreach (var value in values)
            writer.WriteStringValue(value);
        writer.WriteEndArray();
    }

    /// <summary>An object; null for none.</summary>
    public static void Object<T>(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, T? value, JsonFormat<T> format)
        where T : class
    {
        writer.WritePropertyName(name);
        if (value is null)
            writer.WriteNullValue();
        else
            format.Write(writer, value);
    }

    /// <summary>A list of objects.</summary>
    public static void Objects<T>(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<T> values, JsonFormat<T> format)
        where T : class
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
            format.Write(writer, value);
        writer.WriteEndArray();
    }

    /// <summary>The members that were read and that this version does not know.</summary>
    public static void Rest(this Utf8JsonWriter writer, Dictionary<string, JsonElement>? rest)
    {
        if (rest is null)
            return;
        foreach (var (name, value) in rest)
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }
    }
}
