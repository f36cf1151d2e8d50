using System.IO.Pipes;
using System.Net.Sockets;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>Accepts clients of the same user, not too many at a time.</summary>
internal sealed class BrokerListener : IDisposable
{
    // Far more than a workspace has commands at work; each costs the broker some 70 KiB.
    private const int MaxConnections = 256;

    // Twenty first commands at once are twenty connections and some probes; a storm waits in the backlog, where clients are told "busy"
    // and try again by themselves.
    private const int ConnectionsPerSecond = 200;
    private const int ConnectionBurst = 400;

    private readonly string _endpoint;
    private readonly Socket? _socket;
    private readonly BrokerLog _log;
    private NamedPipeServerStream? _pipe;

    /// <summary>Starts to listen.</summary>
    /// <exception cref="SocketException">The system refused.</exception>
    public BrokerListener(string endpoint, BrokerLog log)
    {
        _endpoint = endpoint;
        _log = log;
        if (OperatingSystem.IsWindows())
            _pipe = BrokerEndpoint.ListenPipe(endpoint);
        else
            _socket = BrokerEndpoint.Listen(endpoint);
    }

    /// <summary>Accepts until cancelled.</summary>
    public async Task AcceptAsync(ClientTable clients, Action<Stream> onAccepted, CancellationToken cancellationToken)
    {
        var pace = new Pace(ConnectionsPerSecond, ConnectionBurst, TimeProvider.System);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await pace.TakeAsync(cancellationToken);
                var stream = _socket is null ? await AcceptPipeAsync(cancellationToken) : await AcceptSocketAsync(_socket, cancellationToken);
                if (stream is null)
                    continue;
                if (clients.Count >= MaxConnections)
                {
                    _log.Write($"a connection was refused: {MaxConnections} are open");
                    await stream.DisposeAsync();
                    continue;
                }

                onAccepted(stream);
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                // Out of descriptors, or the client hung up at once: serve on, without spinning.
                _log.Write($"a connection could not be accepted: {e.Message}");
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
            }
        }
    }

    private async Task<Stream?> AcceptSocketAsync(Socket listener, CancellationToken cancellationToken)
    {
        var socket = await listener.AcceptAsync(cancellationToken);
        if (PeerCredentials.IsSameUser(socket))
            return new NetworkStream(socket, ownsSocket: true);
        _log.Write("a connection of another user was refused");
        socket.Dispose();
        return null;
    }

    private async Task<Stream> AcceptPipeAsync(CancellationToken cancellationToken)
    {
        var pipe = _pipe ?? BrokerEndpoint.ListenPipe(_endpoint);
        await pipe.WaitForConnectionAsync(cancellationToken);
        _pipe = BrokerEndpoint.ListenPipe(_endpoint);
        return pipe;
    }

    /// <summary>Stops to listen. The socket's path goes with it: it is this instance's own name.</summary>
    public void Dispose()
    {
        _socket?.Dispose();
        _pipe?.Dispose();
    }
}
