using System.Buffers;
using System.Text.Json;

namespace CodexCompanion.Pipeline.Rpc;

/// <summary>JSON to and from the bytes that <see cref="RpcPeer"/> carries.</summary>
public static class RpcJson
{
    /// <summary>An empty object: the params of a method without any.</summary>
    public static ReadOnlyMemory<byte> EmptyObject { get; } = "{}"u8.ToArray();

    /// <summary>Writes an object by hand: <paramref name="members"/> writes what is inside of it.</summary>
    public static ReadOnlyMemory<byte> WriteObject(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    internal static byte[] Error(int code, string message) =>
        WriteObject(w =>
        {
            w.WriteNumber("code"u8, code);
            w.WriteString("message"u8, message);
        }).ToArray();

    internal static RpcError ReadError(ReadOnlyMemory<byte> json)
    {
        var error = RpcMessage.ToElement(json);
        if (error.ValueKind != JsonValueKind.Object)
            return new RpcError(RpcError.InvalidRequest, error.ToString());
        var code = error.TryGetProperty("code", out var c) && c.ValueKind == JsonValueKind.Number && c.TryGetInt32(out var n) ? n : RpcError.InvalidRequest;
        var message = error.TryGetProperty("message", out var m) && m.ValueKind == JsonValueKind.String ? m.GetString() : null;
        return new RpcError(code, message ?? error.ToString());
    }
}
