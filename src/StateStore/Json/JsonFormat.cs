using System.Buffers;
using System.Text.Json;

namespace CodexCompanion.StateStore.Json;

/// <summary>
/// How one kind of record stands as a JSON object. Written by hand where a serializer could do it: the serializer's generic code over
/// our value types has to be compiled at every start, which costs a short command more than all its own work.
/// </summary>
/// <param name="read">Makes the record of an object's members.</param>
/// <param name="write">Writes the record's members into an object that was begun.</param>
public sealed class JsonFormat<T>(Func<JsonMembers, T> read, Action<Utf8JsonWriter, T> write)
    where T : class
{
    /// <summary>Reads a record.</summary>
    /// <param name="json">The object.</param>
    /// <param name="path">Where it stands, for the error's text.</param>
    /// <exception cref="JsonException">It is no such record; the exception's path says where.</exception>
    public T Read(JsonElement json, string path = "$") => read(new JsonMembers(json, path));

    /// <summary>Reads a record.</summary>
    /// <exception cref="JsonException">It is no such record, or no JSON.</exception>
    public T Read(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return Read(document.RootElement);
    }

    /// <summary>Writes a record as an object.</summary>
    public void Write(Utf8JsonWriter writer, T value)
    {
        writer.WriteStartObject();
        write(writer, value);
        writer.WriteEndObject();
    }

    /// <summary>A record as bytes, on one line or, for a file that people read, on several.</summary>
    /// <param name="value">The record.</param>
    /// <param name="indented">Whether it takes several lines.</param>
    /// <param name="expected">How many bytes it will have, as far as that is known: what grows to a large size is copied again and again.</param>
    public ReadOnlyMemory<byte> ToBytes(T value, bool indented = false, int expected = 256)
    {
        var buffer = new ArrayBufferWriter<byte>(expected);
        using (var writer = new Utf8JsonWriter(buffer, indented ? JsonLayout.Indented : JsonLayout.Line))
            Write(writer, value);
        return buffer.WrittenMemory;
    }
}
