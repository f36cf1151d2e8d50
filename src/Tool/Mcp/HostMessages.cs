using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using ModelContextProtocol.Protocol;

namespace CodexCompanion.Tool.Mcp;

/// <summary>
/// What the host says, with a memory of the calls it cancelled and of whether it has left. Both end a call, and only the first one may stop a job. A
/// host may do both in one breath, and the calls hear of it later and in any order; so it is noted here, where messages pass one after the other.
/// </summary>
internal sealed class HostMessages : ITransport
{
    private readonly ITransport _transport;
    private readonly NotingReader _reader;

    /// <summary>Listens to a host.</summary>
    public HostMessages(ITransport transport)
    {
        _transport = transport;
        _reader = new NotingReader(transport.MessageReader);
    }

    /// <summary>Cancelled when the host has left, after all that it said was noted.</summary>
    public CancellationToken Left => _reader.Left.Token;

    /// <inheritdoc/>
    public string? SessionId => _transport.SessionId;

    /// <inheritdoc/>
    public ChannelReader<JsonRpcMessage> MessageReader => _reader;

    /// <summary>Whether the host said that it does not want the answer to a request.</summary>
    public bool IsCancelled(RequestId request) => _reader.Cancelled.ContainsKey(request);

    /// <inheritdoc/>
    public Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default) => _transport.SendMessageAsync(message, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _transport.DisposeAsync();
        _reader.Left.Dispose();
    }

    private sealed class NotingReader(ChannelReader<JsonRpcMessage> messages) : ChannelReader<JsonRpcMessage>
    {
        public CancellationTokenSource Left { get; } = new();

        // One entry for each; a host cancels now and then.
        public ConcurrentDictionary<RequestId, bool> Cancelled { get; } = new();

        public override Task Completion => messages.Completion;

        public override bool TryRead([MaybeNullWhen(false)] out JsonRpcMessage item)
        {
            if (!messages.TryRead(out item))
                return false;
            if (item is JsonRpcRequest request)
                Cancelled.TryRemove(request.Id, out _); // A number used again begins anew.
            else if (item is JsonRpcNotification { Method: NotificationMethods.CancelledNotification } cancelled && Meant(cancelled.Params) is { } id)
                Cancelled[id] = true;
            return true;
        }

        public override async ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
        {
            var more = false;
            try
            {
                return more = await messages.WaitToReadAsync(cancellationToken);
            }
            finally
            {
                // Nothing more, or a pipe that broke: either way nobody is there.
                if (!more)
                    await Left.CancelAsync();
            }
        }

        private static RequestId? Meant(JsonNode? parameters) => (parameters as JsonObject)?["requestId"] is not JsonValue id
            ? null
            : id.GetValueKind() switch
            {
                JsonValueKind.String => new RequestId(id.GetValue<string>()),
                JsonValueKind.Number when id.TryGetValue<long>(out var number) => new RequestId(number),
                _ => null,
            };
    }
}
