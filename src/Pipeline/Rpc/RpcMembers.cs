using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;

namespace CodexCompanion.Pipeline.Rpc;

/// <summary>Reads single members out of a message without building a tree of it: routing looks at every notification.</summary>
internal static class RpcMembers
{
    // The whole protocol has some 300 methods; the bound keeps a hostile peer from growing the table.
    private const int MaxInterned = 1024;

    private static readonly ConcurrentDictionary<int, string> Interned = new();

    /// <summary>The string at the reader, one instance per method name.</summary>
    public static string Intern(ref Utf8JsonReader reader)
    {
        if (reader.HasValueSequence || reader.ValueIsEscaped)
            return reader.GetString() ?? "";
        var hash = new HashCode();
        hash.AddBytes(reader.ValueSpan);
        var key = hash.ToHashCode();
        if (Interned.TryGetValue(key, out var known) && reader.ValueTextEquals(known))
            return known;
        var name = reader.GetString() ?? "";
        if (Interned.Count < MaxInterned)
            Interned.TryAdd(key, name);
        return name;
    }

    /// <summary>The thread id in a message's params: at the top as <c>threadId</c> or <c>conversationId</c>, or as <c>thread.id</c>.</summary>
    public static string? FindThreadId(ReadOnlySpan<byte> json) =>
        FindString(json, "threadId"u8) ?? FindNested(json, "thread"u8, "id"u8) ?? FindString(json, "conversationId"u8);

    /// <summary>A string member at the top of an object; null when there is none.</summary>
    public static string? FindString(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        if (json.IsEmpty)
            return null;
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var wanted = reader.ValueTextEquals(name);
            reader.Read();
            if (wanted)
                return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            reader.Skip();
        }

        return null;
    }

    /// <summary>A string member of an object that is itself a member at the top.</summary>
    public static string? FindNested(ReadOnlySpan<byte> json, ReadOnlySpan<byte> outer, ReadOnlySpan<byte> name)
    {
        if (json.IsEmpty)
            return null;
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var wanted = reader.ValueTextEquals(outer);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            if (wanted && reader.TokenType != JsonTokenType.StartObject)
                return null;
            reader.Skip();
            if (wanted)
                return FindString(json[start..(int)reader.BytesConsumed], name);
        }

        return null;
    }

    /// <summary>A message with these members, as one line without LF. Members given empty are left out.</summary>
    public static byte[] Compose(ReadOnlySpan<byte> id, string? method, ReadOnlySpan<byte> lastName, ReadOnlySpan<byte> last)
    {
        var length = id.Length + last.Length + lastName.Length + (method is null ? 0 : Encoding.UTF8.GetByteCount(method)) + 48;
        using var stream = new MemoryStream(length);
        var separator = "{"u8;
        if (!id.IsEmpty)
        {
            stream.Write("{\"id\":"u8);
            stream.Write(id);
            separator = ","u8;
        }

        if (method is not null)
        {
            stream.Write(separator);
            stream.Write("\"method\":\""u8);
            stream.Write(JsonEncodedText.Encode(method).EncodedUtf8Bytes);
            stream.Write("\""u8);
            separator = ","u8;
        }

        if (!last.IsEmpty)
        {
            stream.Write(separator);
            stream.Write("\""u8);
            stream.Write(lastName);
            stream.Write("\":"u8);
            stream.Write(last);
        }

        stream.Write("}"u8);
        return stream.ToArray();
    }
}
