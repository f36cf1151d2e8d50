using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace CodexCompanion.Bench;

/// <summary>Speaks to a broker, or to an app-server itself, as fast as it can.</summary>
internal sealed class LoadClient(Stream input, Stream output, bool isBroker)
{
    private readonly byte[] _buffer = new byte[256 * 1024];
    private int _start;
    private int _end;

    /// <summary>Microseconds each notification was under way.</summary>
    public List<double> Latencies { get; } = [];

    public async Task<string> OpenAsync()
    {
        await CallAsync(isBroker ? """{"id":1,"method":"broker/hello","params":{"cookie":"c","protocol":1,"jobId":"bench"}}""" : """{"id":1,"method":"initialize","params":{}}""");
        var answer = await CallAsync("""{"id":2,"method":"thread/start","params":{}}""");
        var at = answer.IndexOf("\"thread\":{\"id\":\"", StringComparison.Ordinal) + "\"thread\":{\"id\":\"".Length;
        return answer[at..answer.IndexOf('"', at)];
    }

    /// <summary>Runs a turn to its end.</summary>
    /// <returns>How many notifications came, its end left out.</returns>
    public async Task<int> TurnAsync(string thread, int notifications, int microseconds, bool measures)
    {
        await SendAsync($$$"""{"id":3,"method":"turn/start","params":{"threadId":"{{{thread}}}","input":[{"type":"text","text":"{{{notifications}}} {{{microseconds}}}"}]}}""");
        for (var count = 0; ;)
        {
            var line = await ReadAsync();
            if (line.Span.IndexOf("\"turn/completed\""u8) >= 0)
                return count;
            var at = line.Span.IndexOf("\"at\":"u8);
            if (at < 0)
                continue;
            count++;
            if (!measures)
                continue;
            var number = line.Span[(at + 5)..];
            var sent = long.Parse(number[..number.IndexOf((byte)',')], CultureInfo.InvariantCulture);
            Latencies.Add(Stopwatch.GetElapsedTime(sent).TotalMicroseconds);
        }
    }

    public async Task<string> CallAsync(string request)
    {
        await SendAsync(request);
        while (true)
        {
            var line = Encoding.UTF8.GetString((await ReadAsync()).Span);
            if (line.StartsWith("{\"id\":", StringComparison.Ordinal))
                return line;
        }
    }

    private async Task SendAsync(string line)
    {
        await output.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));
        await output.FlushAsync();
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadAsync()
    {
        while (true)
        {
            var newline = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                var line = _buffer.AsMemory(_start, newline);
                _start += newline + 1;
                return line;
            }

            Buffer.BlockCopy(_buffer, _start, _buffer, 0, _end - _start);
            (_start, _end) = (0, _end - _start);
            var read = await input.ReadAsync(_buffer.AsMemory(_end));
            _end += read > 0 ? read : throw new EndOfStreamException("The other side hung up.");
        }
    }
}
