using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;

namespace CodexCompanion.Pipeline.Rpc;

/// <summary>Reads single members out of a message without building a tree of it: routing looks at every notification.</summary>
internal static class RpcMembers
{
    // The whole protocol has some 300 methods; the bound keeps a hostile peer from growing the table.
    private const int MaxInterned = 1024;

    /// <summary>How messages are read. Real ones nest about 20 deep; the bound keeps a hostile line from costing more than it is worth.</summary>
    public static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 256 };

    private static readonly ConcurrentDictionary<int, string> Interned = new();

    /// <summary>The string at the reader, one instance per method name; empty when it is none that can be had.</summary>
    public static string Intern(ref Utf8JsonReader reader)
    {
        if (reader.HasValueSequence || reader.ValueIsEscaped)
            return Text(ref reader) ?? "";
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

    /// <summary>Whether the member at the reader has this name.</summary>
    public static bool NameIs(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        try
        {
            return reader.ValueTextEquals(name);
        }
        catch (InvalidOperationException)
        {
            return false; // Half a surrogate pair, escaped: JSON allows it, and no name has it.
        }
    }

    /// <summary>The thread id in a message's params: at the top as <c>threadId</c> or <c>conversationId</c>, or as <c>thread.id</c>.</summary>
    public static string? FindThreadId(ReadOnlySpan<byte> json) =>
        FindString(json, "threadId"u8) ?? FindNested(json, "thread"u8, "id"u8) ?? FindString(json, "conversationId"u8);

    /// <summary>A string member at the top of an object; null when there is none.</summary>
    public static string? FindString(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        if (json.IsEmpty)
            return null;
        var reader = new Utf8JsonReader(json, ReaderOptions);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var wanted = NameIs(ref reader, name);
            reader.Read();
            if (wanted)
                return reader.TokenType == JsonTokenType.String ? Text(ref reader) : null;
            reader.Skip();
        }

        return null;
    }

    /// <summary>A string member of an object that is itself a member at the top.</summary>
    public static string? FindNested(ReadOnlySpan<byte> json, ReadOnlySpan<byte> outer, ReadOnlySpan<byte> name)
    {
        if (json.IsEmpty)
            return null;
        var reader = new Utf8JsonReader(json, ReaderOptions);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var wanted = NameIs(ref reader, outer);
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

    private static string? Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null; // Half a surrogate pair, escaped: it is no text, and no id or method is written like that.
        }
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
