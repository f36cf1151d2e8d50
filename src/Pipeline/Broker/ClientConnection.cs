using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>One client of the broker: its lines in, its bounded queue out. It is read independently of what it reads itself.</summary>
internal sealed class ClientConnection : IAsyncDisposable
{
    // Deltas are only signs of life for a client; a megabyte of them waiting says it is not looking.
    private const long DroppableBytes = 1024 * 1024;

    // What may not be dropped (items, ends of turns, answers) can hold whole diffs; past this the client has stopped reading.
    private const long EssentialBytes = 16 * 1024 * 1024;

    // A client of ours has a handful of calls open; more than this is a fault or an attack. One prompt of the largest size, twice: all
    // clients share what may wait for an app-server that reads slowly.
    private const int MaxOpenRequests = 64;
    private const long MaxOpenBytes = 2L * TimeLimits.MaxClientLine;

    // A turn has some five messages of its client. Whoever sends more is read no faster than this.
    private const int MessagesPerSecond = 2000;
    private const int MessageBurst = 4000;

    // Malformed lines a client may send before it is hung up on.
    private const int MaxMalformed = 32;

    private readonly Stream _stream;
    private readonly LineReader _reader;
    private readonly OutboundQueue _queue;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<RpcMessage>> _asked = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _closing = new();
    private readonly TimeProvider _time;
    private readonly Pace _pace;
    private int _openRequests;
    private long _openBytes;
    private long _lastAsked;

    public ClientConnection(int id, Stream stream, TimeProvider? time = null)
    {
        Id = id;
        _time = time ?? TimeProvider.System;
        _pace = new Pace(MessagesPerSecond, MessageBurst, _time);
        _stream = stream;
        _reader = new LineReader(stream, TimeLimits.MaxClientLine);
        _queue = new OutboundQueue(stream, DroppableBytes, EssentialBytes);
    }

    /// <summary>Number of the connection within this broker, for the log.</summary>
    public int Id { get; }

    /// <summary>What it said in the handshake; null before.</summary>
    public HelloParams? Hello { get; set; }

    /// <summary>Lines it sent that were no messages.</summary>
    public int Malformed { get; private set; }

    /// <summary>Requests of it that are not answered yet.</summary>
    public int OpenRequests => Volatile.Read(ref _openRequests);

    public long QueuedBytes => _queue.QueuedBytes;

    public long DroppedDeltas => _queue.Dropped;

    public bool IsGone => _closing.IsCancellationRequested;

    /// <summary>Cancelled when the client is gone.</summary>
    public CancellationToken Gone => _closing.Token;

    /// <summary>Reads until the client is gone. Requests are handled side by side: a read is never kept waiting by a turn.</summary>
    public async Task RunAsync(Func<ClientConnection, RpcMessage, Task> onRequest)
    {
        try
        {
            while (!IsGone)
            {
                var read = await _reader.ReadAsync(_closing.Token);
                if (read.Kind == LineKind.End)
                    return;
                await _pace.TakeAsync(_closing.Token);
                if (read.Kind == LineKind.TooLong)
                    Refuse(default, RpcError.InvalidRequest, $"A line may have {TimeLimits.MaxClientLine} bytes at the most.");
                else
                    Take(read.Line, onRequest);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // Gone is gone: the broker cleans up after it in one place.
        }
        finally
        {
            Close();
        }
    }

    private void Take(ReadOnlyMemory<byte> line, Func<ClientConnection, RpcMessage, Task> onRequest)
    {
        var message = RpcMessage.Parse(line, out var problem);
        switch (message?.Kind)
        {
            case null:
                Refuse(default, RpcError.ParseError, problem ?? "not a message");
                break;
            case RpcKind.Response:
                if (_asked.TryRemove(Encoding.UTF8.GetString(message.Id.Span), out var asked))
                    asked.TrySetResult(message);
                break;
            case RpcKind.Request when !TryOpen(message):
                ReplyError(message.Id, new RpcError(
                    RpcError.Overloaded, $"More than {MaxOpenRequests} requests, or {MaxOpenBytes} bytes of them, are open on this connection."));
                break;
            case RpcKind.Request:
                _ = HandleAsync(message, onRequest);
                break;
        }
    }

    private async Task HandleAsync(RpcMessage message, Func<ClientConnection, RpcMessage, Task> onRequest)
    {
        try
        {
            // Off the read loop at once: the next line may be the interrupt of this very request. Only the greeting comes before everything
            // else, for a client that sends more without waiting for its answer (the SessionEnd hook, which is gone by then).
            if (message.Method != BrokerProtocol.Hello)
                await Task.Yield();
            await onRequest(this, message);
        }
        catch (Exception e)
        {
            // A fault of ours; the client must not wait in vain for its answer.
            ReplyError(message.Id, new RpcError(RpcError.InternalError, $"The broker could not handle '{message.Method}': {e.Message}"));
        }
        finally
        {
            Done(message);
        }
    }

    private bool TryOpen(RpcMessage message)
    {
        var requests = Interlocked.Increment(ref _openRequests);
        var bytes = Interlocked.Add(ref _openBytes, message.Line.Length);
        if (requests <= MaxOpenRequests && bytes <= MaxOpenBytes)
            return true;
        Done(message);
        return false;
    }

    private void Done(RpcMessage message)
    {
        Interlocked.Decrement(ref _openRequests);
        Interlocked.Add(ref _openBytes, -message.Line.Length);
    }

    private void Refuse(ReadOnlyMemory<byte> id, int code, string problem)
    {
        Malformed++;
        ReplyError(id.IsEmpty ? "null"u8.ToArray() : id, new RpcError(code, problem));
        if (Malformed > MaxMalformed)
            Close();
    }

    /// <summary>Sends a line as it is.</summary>
    public void Send(ReadOnlyMemory<byte> line, bool droppable = false)
    {
        if (!_queue.TryEnqueue(line, droppable))
            Close();
    }

    public void Reply(ReadOnlyMemory<byte> id, ReadOnlyMemory<byte> result) =>
        Send(RpcMembers.Compose(id.Span, method: null, "result"u8, result.Span));

    public void ReplyError(ReadOnlyMemory<byte> id, RpcError error) =>
        ReplyRawError(id, RpcJson.Error(error.Code, error.Message));

    public void ReplyRawError(ReadOnlyMemory<byte> id, ReadOnlyMemory<byte> error) =>
        Send(RpcMembers.Compose(id.Span, method: null, "error"u8, error.Span));

    public void Notify(string method, ReadOnlyMemory<byte> parameters) =>
        Send(RpcMembers.Compose(default, method, "params"u8, parameters.Span));

    /// <summary>Asks the client something the app-server wants to know.</summary>
    /// <returns>Its answer; null when it gave none within the limit or is gone.</returns>
    public async Task<RpcMessage?> AskAsync(RpcMessage request, TimeSpan limit)
    {
        var id = "\"ask-" + Interlocked.Increment(ref _lastAsked).ToString(CultureInfo.InvariantCulture) + "\"";
        var answer = new TaskCompletionSource<RpcMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[id] = answer;
        try
        {
            Send(RpcMembers.Compose(Encoding.UTF8.GetBytes(id), request.Method, "params"u8, request.Params.Span));
            return await answer.Task.WaitAsync(limit, _time, _closing.Token);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            return null;
        }
        finally
        {
            _asked.TryRemove(id, out _);
        }
    }

    /// <summary>Hangs up, once what is queued had a moment to get out.</summary>
    public async ValueTask FinishAsync()
    {
        await _queue.DrainAsync(TimeSpan.FromMilliseconds(500));
        Close();
    }

    public void Close() => _closing.Cancel();

    public async ValueTask DisposeAsync()
    {
        Close();
        await _stream.DisposeAsync();
        await _queue.DisposeAsync();
    }
}
