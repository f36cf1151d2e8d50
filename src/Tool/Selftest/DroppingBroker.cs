using System.Net.Sockets;
using CodexCompanion.Pipeline;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.Tool.Selftest;

/// <summary>The moment at which a connection is dropped.</summary>
internal enum DropMoment
{
    /// <summary>When <c>turn/start</c> was taken, and before any app-server saw it.</summary>
    TurnTaken,

    /// <summary>When the app-server has begun the turn.</summary>
    TurnRunning,
}

/// <summary>
/// Sits at the endpoint that the record names, in front of the real broker, and passes everything on: the caller is accepted, greeted,
/// gets its thread. In the middle of the first turn it makes something happen and hangs up. Its socket file stays behind, as that of a
/// broker that was killed does.
/// </summary>
internal sealed class DroppingBroker : IAsyncDisposable
{
    private readonly Sandbox _sandbox;
    private readonly BrokerRecord _real;
    private readonly DropMoment _moment;
    private readonly Func<Task> _onDrop;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _over = new();
    private readonly Task _accepting;
    private int _drops;

    private DroppingBroker(Sandbox sandbox, BrokerRecord real, string endpoint, DropMoment moment, Func<Task> onDrop)
    {
        _sandbox = sandbox;
        _real = real;
        _moment = moment;
        _onDrop = onDrop;
        _listener = BrokerEndpoint.Listen(endpoint + "-");
        File.Move(endpoint + "-", endpoint); // Closing the listener removes the path it was bound to, and this one stays.
        _accepting = AcceptAsync();
    }

    /// <summary>How often it hung up in the middle of a turn: once or never.</summary>
    public int Drops => Volatile.Read(ref _drops);

    /// <summary>Takes the place of the living broker.</summary>
    /// <param name="sandbox">Where.</param>
    /// <param name="moment">When to hang up.</param>
    /// <param name="onDrop">What happens first.</param>
    /// <exception cref="InvalidOperationException">There is no living broker.</exception>
    public static DroppingBroker Place(Sandbox sandbox, DropMoment moment, Func<Task> onDrop)
    {
        var real = sandbox.Inhabitants.LivingBroker() ?? throw new InvalidOperationException("No broker lives whose place could be taken.");
        var endpoint = Path.Combine(Path.GetDirectoryName(real.Endpoint)!, $"x{sandbox.Time.GetTimestamp():x}.sock");
        var broker = new DroppingBroker(sandbox, real, endpoint, moment, onDrop);
        sandbox.Store.PublishBroker(real with { Endpoint = endpoint });
        return broker;
    }

    /// <summary>Gives the real broker its place back, if it still lives and nobody else has taken it.</summary>
    public void GiveBack()
    {
        if (_sandbox.Inhabitants.LivingBroker()?.InstanceId == _real.InstanceId)
            _sandbox.Store.PublishBroker(_real);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _over.Dispose();
    }

    private async Task AcceptAsync()
    {
        var served = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptAsync(_over.Token);
                served.Add(ServeAsync(client));
            }
        }
        catch (OperationCanceledException)
        {
            // The row needs it no more.
        }

        await Task.WhenAll(served);
    }

    private async Task ServeAsync(Socket client)
    {
        await using var near = new NetworkStream(client, ownsSocket: true);
        if (await BrokerEndpoint.ConnectAsync(_real.Endpoint, new TimeLimits().Connect) is not EndpointConnection.Open { Stream: var far })
            return;
        await using (far)
        {
            using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(_over.Token);
            var asked = PassOnAsync(near, far, DropMoment.TurnTaken, "turn/start", hangUp.Token);
            var answered = PassOnAsync(far, near, DropMoment.TurnRunning, "turn/started", hangUp.Token);
            await Task.WhenAny(asked, answered);
            await hangUp.CancelAsync();
            await Task.WhenAll(asked, answered);
        }
    }

    // Ends when its source does, when the other direction has ended, or with the drop.
    private async Task PassOnAsync(Stream from, Stream to, DropMoment moment, string method, CancellationToken hungUp)
    {
        var lines = new LineReader(from, TimeLimits.MaxAppServerLine);
        try
        {
            while (await lines.ReadAsync(hungUp) is { Kind: LineKind.Line, Line: var line })
            {
                if (moment == _moment && RpcMessage.Parse(line, out _)?.Method == method && Interlocked.CompareExchange(ref _drops, 1, 0) == 0)
                {
                    await _onDrop();
                    return;
                }

                await to.WriteAsync((byte[])[.. line.Span, (byte)'\n'], hungUp);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One of the two has gone: the other is let go, too.
        }
    }
}
