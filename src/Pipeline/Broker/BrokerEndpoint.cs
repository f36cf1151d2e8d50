using System.IO.Pipes;
using System.Net.Sockets;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>What came of connecting to an endpoint: closed, one of two.</summary>
public abstract record EndpointConnection
{
    private EndpointConnection()
    {
    }

    /// <summary>Somebody accepted. That proves nothing yet.</summary>
    public sealed record Open(Stream Stream) : EndpointConnection;

    /// <summary>Nobody did.</summary>
    public sealed record Closed(ConnectionLoss Why) : EndpointConnection;
}

/// <summary>
/// A broker's endpoint: a unix socket, on Windows a named pipe for the current user only. (The pipe has not been run by its authors:
/// there was no Windows machine.)
/// </summary>
public static class BrokerEndpoint
{
    // A start of twenty clients at once must fit; a full backlog is answered with "busy" and tried again.
    private const int Backlog = 128;

    /// <summary>Connects, or says why not.</summary>
    /// <param name="endpoint">Path of the socket, or name of the pipe.</param>
    /// <param name="limit">How long to try.</param>
    public static async Task<EndpointConnection> ConnectAsync(string endpoint, TimeSpan limit)
    {
        if (OperatingSystem.IsWindows())
            return await ConnectPipeAsync(endpoint, limit);

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            using var timeout = new CancellationTokenSource(limit);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(endpoint), timeout.Token);
            return new EndpointConnection.Open(new NetworkStream(socket, ownsSocket: true));
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ArgumentException)
        {
            socket.Dispose();
            return new EndpointConnection.Closed(Explain(e, endpoint));
        }
    }

    /// <summary>Starts to listen. The path must not exist: every instance has a name of its own.</summary>
    /// <exception cref="SocketException">The system refused.</exception>
    public static Socket Listen(string endpoint)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(endpoint));
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(endpoint, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            socket.Listen(Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A server end of the named pipe, ready to be waited on.</summary>
    public static NamedPipeServerStream ListenPipe(string endpoint) => new(
        endpoint,
        PipeDirection.InOut,
        NamedPipeServerStream.MaxAllowedServerInstances,
        PipeTransmissionMode.Byte,
        PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);

    // What the errors of connect() mean, measured on Linux: refused = nobody listens (or a plain file is there), address not
    // available = no such path, would block = the backlog is full, so somebody lives there.
    private static ConnectionLoss Explain(Exception e, string endpoint) => e switch
    {
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } =>
            new(LossKind.Refused, $"Nobody listens at {endpoint}."),
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } =>
            new(LossKind.EndpointMissing, $"There is no socket at {endpoint}."),
        SocketException { SocketErrorCode: SocketError.WouldBlock or SocketError.TryAgain } =>
            new(LossKind.Busy, $"The queue of new connections at {endpoint} is full."),
        OperationCanceledException => new(LossKind.Busy, $"{endpoint} did not accept a connection in time."),
        _ => new(LossKind.Broken, $"Connecting to {endpoint} failed: {e.Message}"),
    };

    private static async Task<EndpointConnection> ConnectPipeAsync(string name, TimeSpan limit)
    {
        var pipe = new NamedPipeClientStream(".", name, PipeDirection.InOut, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
        try
        {
            await pipe.ConnectAsync(limit, CancellationToken.None);
            return new EndpointConnection.Open(pipe);
        }
        catch (Exception e) when (e is IOException or TimeoutException or UnauthorizedAccessException)
        {
            await pipe.DisposeAsync();
            return new EndpointConnection.Closed(e is TimeoutException
                ? new ConnectionLoss(LossKind.EndpointMissing, $"There is no pipe named {name}.")
                : new ConnectionLoss(LossKind.Broken, $"Connecting to the pipe {name} failed: {e.Message}"));
        }
    }
}
