using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace CodexCompanion.Pipeline.Rpc;

/// <summary>Gets what the other side of an <see cref="RpcPeer"/> says by itself. Called on the read loop, in order: answer quickly.</summary>
public interface IRpcReceiver
{
    /// <summary>A notification came.</summary>
    void OnNotification(RpcMessage message);

    /// <summary>A request came; it must be answered with <see cref="RpcPeer.Reply"/> or <see cref="RpcPeer.ReplyError"/>.</summary>
    void OnRequest(RpcMessage message);

    /// <summary>A line came that is no message (a wrapper's noise); it was passed over.</summary>
    void OnNoise(string problem);
}

/// <summary>The answer to a call: a result, or an error.</summary>
/// <param name="Result">The result as it was written.</param>
/// <param name="Error">The error; null when there is a result.</param>
/// <param name="RawError">The error as it was written; empty when there is a result.</param>
public readonly record struct RpcReply(ReadOnlyMemory<byte> Result, RpcError? Error, ReadOnlyMemory<byte> RawError);

/// <summary>
/// One end of a JSON-RPC connection over two byte streams, a JSON object a line. When the connection ends, whatever the reason, every
/// pending call fails at once with one typed cause, and so does every later one.
/// </summary>
public sealed class RpcPeer : IAsyncDisposable
{
    // What may wait for an app-server or broker that reads slowly before calling it lost: several prompts of the largest size.
    private const long MaxQueuedBytes = 128L * 1024 * 1024;

    // Between the first write that fails and the end of the input lie microseconds, unless the machine is loaded.
    private static readonly TimeSpan ReadsOn = TimeSpan.FromMilliseconds(500);

    private readonly IRpcReceiver _receiver;
    private readonly LineReader _reader;
    private readonly OutboundQueue _queue;
    private readonly ConcurrentDictionary<long, PendingCall> _pending = new();
    private readonly TaskCompletionSource<ConnectionLoss> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _closing = new();
    private readonly Func<ConnectionLoss, ValueTask<ConnectionLoss>>? _explain;
    private long _lastId;
    private volatile ConnectionLoss? _loss;

    /// <summary>Makes the peer; nothing is read before <see cref="Start"/>.</summary>
    /// <param name="input">Where the other side's lines come from.</param>
    /// <param name="output">Where ours go.</param>
    /// <param name="maxLineBytes">Longest line taken from the other side.</param>
    /// <param name="receiver">Gets notifications and requests.</param>
    /// <param name="explain">May turn a bare loss into a better one (exit code, last stderr lines) before anybody hears of it.</param>
    public RpcPeer(
        Stream input, Stream output, int maxLineBytes, IRpcReceiver receiver, Func<ConnectionLoss, ValueTask<ConnectionLoss>>? explain = null)
    {
        _receiver = receiver;
        _explain = explain;
        _reader = new LineReader(input, maxLineBytes);
        _queue = new OutboundQueue(output, MaxQueuedBytes, MaxQueuedBytes);
    }

    /// <summary>Completes, with the cause, when the connection ends.</summary>
    public Task<ConnectionLoss> Ended => _ended.Task;

    /// <summary>Calls waiting for an answer.</summary>
    public int PendingCalls => _pending.Count;

    /// <summary>Begins to read.</summary>
    public void Start()
    {
        _ = Task.Run(ReadAllAsync);
        _ = EndWithWritesAsync();
    }

    /// <summary>Sends a request and waits for its answer.</summary>
    /// <param name="method">The method.</param>
    /// <param name="parameters">The params, as JSON; empty for none.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="cancellationToken">Stops waiting; the request itself is not taken back.</param>
    /// <exception cref="ConnectionLostException">The connection ended before the answer came.</exception>
    /// <exception cref="RpcTimeoutException">No answer within the limit.</exception>
    public Task<RpcReply> CallAsync(
        string method, ReadOnlyMemory<byte> parameters, TimeSpan limit, CancellationToken cancellationToken = default) =>
        CallAsync(method, parameters, limit, onAnswer: null, cancellationToken);

    /// <summary>As the other, for whoever must keep the order of answers and what comes behind them.</summary>
    /// <param name="method">The method.</param>
    /// <param name="parameters">The params, as JSON; empty for none.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="onAnswer">Gets the answer on the read loop, before anything that came behind it is read.</param>
    /// <param name="cancellationToken">Stops waiting; the request itself is not taken back.</param>
    /// <exception cref="ConnectionLostException">The connection ended before the answer came.</exception>
    /// <exception cref="RpcTimeoutException">No answer within the limit.</exception>
    public async Task<RpcReply> CallAsync(
        string method, ReadOnlyMemory<byte> parameters, TimeSpan limit, Action<RpcReply>? onAnswer, CancellationToken cancellationToken = default)
    {
        var id = Interlocked.Increment(ref _lastId);
        var call = new PendingCall(onAnswer);
        _pending[id] = call;
        try
        {
            if (_loss is { } loss)
                throw new ConnectionLostException(loss);
            Send(RpcMembers.Compose(Encoding.ASCII.GetBytes(id.ToString(CultureInfo.InvariantCulture)), method, "params"u8, parameters.Span));
            return await call.Task.WaitAsync(limit, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new RpcTimeoutException(method, limit);
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }
    }

    /// <summary>Sends a notification.</summary>
    public void Notify(string method, ReadOnlyMemory<byte> parameters = default) =>
        Send(RpcMembers.Compose(default, method, "params"u8, parameters.Span));

    /// <summary>Answers a request of the other side.</summary>
    public void Reply(ReadOnlyMemory<byte> id, ReadOnlyMemory<byte> result) =>
        Send(RpcMembers.Compose(id.Span, method: null, "result"u8, result.Span));

    /// <summary>Answers a request of the other side with an error.</summary>
    public void ReplyError(ReadOnlyMemory<byte> id, int code, string message) =>
        Send(RpcMembers.Compose(id.Span, method: null, "error"u8, RpcJson.Error(code, message)));

    /// <summary>Ends the connection from this side; pending calls fail with this cause.</summary>
    public void Close(ConnectionLoss loss)
    {
        End(loss);
        _closing.Cancel();
    }

    private void Send(byte[] line)
    {
        if (!_queue.TryEnqueue(line))
            Close(new ConnectionLoss(LossKind.SlowReader, "The other side does not read what it is sent."));
    }

    private async Task ReadAllAsync()
    {
        ConnectionLoss loss;
        try
        {
            loss = await ReadUntilEndAsync();
        }
        catch (Exception e)
        {
            // Whatever it was, nobody reads any more, and nobody may go on waiting for an answer.
            loss = new ConnectionLoss(LossKind.Broken, $"The connection broke: {e.Message}");
        }

        await ExplainAndEndAsync(loss);
    }

    private async Task EndWithWritesAsync()
    {
        try
        {
            await _queue.Failed;
        }
        catch (Exception e)
        {
            // The read loop usually comes to the same end by itself, and reads what was said before it. But the other side may have
            // stopped reading only: no end of stream tells of that, and no call would ever be answered.
            await Task.WhenAny(Ended, Task.Delay(ReadsOn));
            await ExplainAndEndAsync(new ConnectionLoss(LossKind.Broken, $"The connection broke: {e.Message}"));
        }
    }

    private async Task ExplainAndEndAsync(ConnectionLoss loss)
    {
        if (_loss is not null)
            return;
        try
        {
            loss = _explain is null ? loss : await _explain(loss);
        }
        finally
        {
            Close(loss);
        }
    }

    private async Task<ConnectionLoss> ReadUntilEndAsync()
    {
        while (true)
        {
            var read = await _reader.ReadAsync(_closing.Token);
            switch (read.Kind)
            {
                case LineKind.End:
                    return new ConnectionLoss(LossKind.EndOfStream, "The other side closed the connection.");
                case LineKind.TooLong:
                    return new ConnectionLoss(LossKind.ProtocolViolation, "The other side sent a line over the size limit.");
                default:
                    TryDispatch(read.Line);
                    break;
            }
        }
    }

    private void TryDispatch(ReadOnlyMemory<byte> line)
    {
        var message = RpcMessage.Parse(line, out var problem);
        if (message is null)
        {
            _receiver.OnNoise(problem ?? "");
            return;
        }

        try
        {
            Dispatch(message);
        }
        catch (Exception e)
        {
            // One message of an odd shape must not take the connection from everything else that goes over it.
            _receiver.OnNoise($"{(message.Method.Length == 0 ? "an answer" : message.Method)} could not be handled: {e.Message}");
        }
    }

    private void Dispatch(RpcMessage message)
    {
        switch (message.Kind)
        {
            case RpcKind.Notification:
                _receiver.OnNotification(message);
                break;
            case RpcKind.Request:
                _receiver.OnRequest(message);
                break;
            default:
                Complete(message);
                break;
        }
    }

    private void Complete(RpcMessage message)
    {
        // An answer to a call nobody waits for any more (its limit was over) is passed over.
        if (!long.TryParse(message.Id.Span, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || !_pending.TryRemove(id, out var call))
            return;
        var reply = message.Error.IsEmpty
            ? new RpcReply(message.Result, Error: null, default)
            : new RpcReply(default, RpcJson.ReadError(message.Error), message.Error);
        try
        {
            call.OnAnswer?.Invoke(reply);
        }
        finally
        {
            call.TrySetResult(reply);
        }
    }

    private void End(ConnectionLoss loss)
    {
        if (Interlocked.CompareExchange(ref _loss, loss, null) is not null)
            return;
        foreach (var call in _pending.Values)
            call.TrySetException(new ConnectionLostException(loss));
        _ended.TrySetResult(loss);
    }

    /// <summary>Writes what is queued (for a moment at the most), then closes.</summary>
    public async ValueTask DisposeAsync()
    {
        // Last words (a reply, an interrupt) should get out to a reader that is alive; one that is not must not hold us.
        await _queue.DrainAsync(TimeSpan.FromMilliseconds(200));
        Close(new ConnectionLoss(LossKind.ClosedHere, "The connection was closed by this side."));
        await _queue.DisposeAsync();
    }

    private sealed class PendingCall(Action<RpcReply>? onAnswer) : TaskCompletionSource<RpcReply>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public Action<RpcReply>? OnAnswer { get; } = onAnswer;
    }
}
