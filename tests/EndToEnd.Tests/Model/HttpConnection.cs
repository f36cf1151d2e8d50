using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace CodexCompanion.EndToEnd.Tests.Model;

/// <summary>A request as the stub reads it.</summary>
internal sealed record HttpRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>
/// One HTTP/1.1 connection that serves one request and closes. Written on the socket, as the stub must be able to cut a stream
/// and to notice at once when codex hangs up.
/// </summary>
internal sealed class HttpConnection(TcpClient client) : IDisposable
{
    private readonly NetworkStream _stream = client.GetStream();

    /// <summary>Reads the request; null when the peer closed without sending one.</summary>
    public async Task<HttpRequest?> ReadAsync(CancellationToken stop)
    {
        var received = new List<byte>();
        var chunk = new byte[64 * 1024];
        int headEnd;
        while ((headEnd = EndOfHead(received)) < 0)
        {
            var read = await _stream.ReadAsync(chunk, stop);
            if (read == 0)
                return null;
            received.AddRange(chunk.AsSpan(0, read));
        }

        var lines = Encoding.ASCII.GetString([.. received.Take(headEnd)]).Split("\r\n");
        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).ToDictionary(pair => pair[0].Trim(), pair => pair[1].Trim(), StringComparer.OrdinalIgnoreCase);
        var length = headers.TryGetValue("content-length", out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : 0;
        received.RemoveRange(0, headEnd + 4);
        while (received.Count < length)
        {
            var read = await _stream.ReadAsync(chunk, stop);
            if (read == 0)
                return null;
            received.AddRange(chunk.AsSpan(0, read));
        }

        var start = lines[0].Split(' ');
        return new HttpRequest(start[0], start[1], headers, [.. received]);
    }

    /// <summary>Sends a complete answer.</summary>
    public async Task SendAsync(int status, string contentType, string body, CancellationToken stop)
    {
        var content = Encoding.UTF8.GetBytes(body);
        await WriteAsync($"HTTP/1.1 {status} Stub\r\nContent-Type: {contentType}\r\nContent-Length: {content.Length}\r\nConnection: close\r\n\r\n", stop);
        await _stream.WriteAsync(content, stop);
    }

    /// <summary>Begins an event stream, which lasts until the connection is closed.</summary>
    public Task BeginEventsAsync(CancellationToken stop) =>
        WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n", stop);

    public async Task WriteAsync(string text, CancellationToken stop) => await _stream.WriteAsync(Encoding.UTF8.GetBytes(text), stop);

    /// <summary>Ends the connection by a reset, in mid-stream.</summary>
    public void Cut()
    {
        client.Client.LingerState = new LingerOption(enable: true, seconds: 0);
        client.Close();
    }

    /// <summary>Cancels <paramref name="gone"/> as soon as the peer has closed; ends when that source is cancelled by somebody else.</summary>
    public async Task CancelWhenClosedAsync(CancellationTokenSource gone)
    {
        try
        {
            // The peer has nothing to say after its request: the read ends when the connection does.
            _ = await _stream.ReadAsync(new byte[1], gone.Token);
            await gone.CancelAsync();
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            await gone.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // the answer is complete: nobody needs the watch any more
        }
    }

    public void Dispose() => _stream.Dispose();

    private static int EndOfHead(List<byte> received)
    {
        for (var i = 3; i < received.Count; i++)
            if (received[i - 3] == '\r' && received[i - 2] == '\n' && received[i - 1] == '\r' && received[i] == '\n')
                return i - 3;
        return -1;
    }
}
