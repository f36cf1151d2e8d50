using System.Net.Sockets;

namespace CodexCompanion.EndToEnd.Tests.Simulated;

/// <summary>
/// Stands where a broker's socket was. It accepts, reads the first words of whoever comes, lets something happen and hangs up: what a broker looks like that
/// dies in the handshake. Its socket file stays, as that of a killed broker does.
/// </summary>
internal sealed class SocketTaker : IAsyncDisposable
{
    // State of a connection that the listener has not accepted yet, as /proc/net/unix writes it.
    private const string Connecting = "02";

    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _over = new();
    private readonly Task _serving;
    private int _taken;

    public SocketTaker(string endpoint, Action onFirstWords)
    {
        _listener.Bind(new UnixDomainSocketEndPoint(endpoint + "-"));
        File.Move(endpoint + "-", endpoint, overwrite: true); // Closing the listener removes the path it was bound to, and this one stays.
        _listener.Listen();
        _serving = ServeAsync(onFirstWords);
    }

    /// <summary>How many came and were dropped.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <summary>Whether somebody waits to be accepted: what connects to a broker that is stopped.</summary>
    public static bool HasVisitor(string endpoint) => File.ReadAllLines("/proc/net/unix")
        .Where(line => line.EndsWith(" " + endpoint, StringComparison.Ordinal))
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)) // Num RefCount Protocol Flags Type St Inode Path
        .Any(fields => fields[5] == Connecting);

    private async Task ServeAsync(Action onFirstWords)
    {
        try
        {
            while (true)
            {
                using var visitor = await _listener.AcceptAsync(_over.Token);
                await visitor.ReceiveAsync(new byte[4096], _over.Token);
                onFirstWords();
                Interlocked.Increment(ref _taken);
                _listener.Dispose(); // Like the broker it stands for, it is gone.
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Gone, or the test is over.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _serving;
        _listener.Dispose();
        _over.Dispose();
    }
}
