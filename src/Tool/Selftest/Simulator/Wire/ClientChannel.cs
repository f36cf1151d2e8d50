using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CodexCompanion.Tool.Selftest.Simulator.Wire;

/// <summary>Everything the server says, one whole line at a time, whichever of its turns is speaking.</summary>
internal sealed class ClientChannel(Stream output, Dialect dialect, TimeProvider time)
{
    // Real servers write text as it is, not as \u escapes.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<long, TaskCompletionSource<JsonObject>> _asked = new();
    private IReadOnlySet<string> _unwanted = new HashSet<string>(StringComparer.Ordinal);
    private volatile bool _silent;
    private long _lastRequest = -1;

    /// <summary>Called once when nobody reads any more.</summary>
    public Action? ClientLost { get; set; }

    /// <summary>Notifications the client does not want to get.</summary>
    public void OptOut(IEnumerable<string> methods) => _unwanted = methods.ToHashSet(StringComparer.Ordinal);

    /// <summary>Says nothing any more; what is written is dropped.</summary>
    public void FallSilent() => _silent = true;

    /// <summary>Closes stdout.</summary>
    public void Close()
    {
        _silent = true;
        output.Dispose();
    }

    public void Notify(string method, JsonObject parameters)
    {
        if (_unwanted.Contains(method))
            return;
        var message = new JsonObject { ["method"] = method, ["params"] = parameters };
        if (dialect.IsModern)
            message["emittedAtMs"] = time.GetUtcNow().ToUnixTimeMilliseconds();
        Write(message);
    }

    public void Answer(JsonNode id, JsonObject result) => Write(new JsonObject { ["id"] = id.DeepClone(), ["result"] = result });

    public void Refuse(JsonNode id, RpcRefusalException refusal) => Write(new JsonObject { ["error"] = refusal.ToJson(), ["id"] = id.DeepClone() });

    /// <summary>Asks the client something.</summary>
    /// <returns>The request's number, and the answer: an object with <c>result</c> or <c>error</c>.</returns>
    public (long Id, Task<JsonObject> Answer) Ask(string method, JsonObject parameters)
    {
        var id = Interlocked.Increment(ref _lastRequest);
        var answer = new TaskCompletionSource<JsonObject>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[id] = answer;
        Write(new JsonObject { ["method"] = method, ["id"] = id, ["params"] = parameters });
        return (id, answer.Task);
    }

    /// <summary>Takes the client's answer; one nobody waits for is dropped.</summary>
    public void TakeAnswer(JsonObject message)
    {
        if (message["id"] is JsonValue value && value.TryGetValue(out long id) && _asked.TryRemove(id, out var waiting))
            waiting.TrySetResult(message);
    }

    /// <summary>Writes bytes that are no message of the protocol.</summary>
    public void WriteNoise(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
            WriteBytes(bytes);
    }

    private void Write(JsonObject message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Plain))
            message.WriteTo(writer);
        buffer.Write("\n"u8);
        lock (_gate)
            WriteBytes(buffer.WrittenSpan);
    }

    private void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        if (_silent)
            return;
        try
        {
            output.Write(bytes);
            output.Flush();
        }
        catch (Exception lost) when (lost is IOException or ObjectDisposedException)
        {
            // The client closed its end: to a server on stdio that is the end of its work.
            _silent = true;
            ClientLost?.Invoke();
        }
    }
}
