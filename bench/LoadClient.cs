using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace CodexCompanion.Bench;

/// <summary>Speaks to a broker, or to an app-server itself, as fast as it can.</summary>
internal sealed class LoadClient(Stream input, Stream output, bool isBroker) : IAsyncDisposable
{
    private readonly byte[] _buffer = new byte[256 * 1024];
    private int _start;
    private int _end;
    private int _lastId;

    /// <summary>Microseconds each notification was under way.</summary>
    public List<double> Latencies { get; } = [];

    /// <summary>Introduces itself.</summary>
    public Task GreetAsync() => isBroker
        ? CallAsync("broker/hello", """{"cookie":"c","protocol":1,"jobId":"bench"}""")
        : CallAsync("initialize", "{}");

    /// <summary>Starts a thread.</summary>
    public async Task<string> OpenAsync()
    {
        var answer = await CallAsync("thread/start", "{}");
        var mark = "\"thread\":{\"id\":\"";
        var at = answer.IndexOf(mark, StringComparison.Ordinal) + mark.Length;
        return answer[at..answer.IndexOf('"', at)];
    }

    /// <summary>Runs a turn to its end: until both its answer and its end have come.</summary>
    /// <returns>How many notifications came, its end left out.</returns>
    public Task<int> TurnAsync(string thread, int notifications, int microseconds = 0, bool measures = false) =>
        SayAsync(thread, $"{notifications} {microseconds}", measures);

    /// <summary>Runs a turn with a prompt to its end.</summary>
    public async Task<int> SayAsync(string thread, string prompt, bool measures = false)
    {
        var id = await SendAsync("turn/start", $$"""{"threadId":"{{thread}}","input":[{"type":"text","text":"{{prompt}}"}]}""");
        var (answered, ended, count) = (false, false, 0);
        while (!answered || !ended)
        {
            var line = await ReadAsync();
            answered |= IsAnswer(line.Span, id);
            ended |= line.Span.IndexOf("\"turn/completed\""u8) >= 0;
            var at = line.Span.IndexOf("\"at\":"u8);
            if (at < 0)
                continue;
            count++;
            if (measures)
                Latencies.Add(MicrosecondsSince(line.Span[(at + 5)..]));
        }

        return count;
    }

    /// <summary>Sends a request and waits for its answer; what comes before it is passed over.</summary>
    public async Task<string> CallAsync(string method, string parameters)
    {
        var id = await SendAsync(method, parameters);
        while (true)
        {
            var line = await ReadAsync();
            if (IsAnswer(line.Span, id))
                return Encoding.UTF8.GetString(line.Span);
        }
    }

    private static double MicrosecondsSince(ReadOnlySpan<byte> number) =>
        Stopwatch.GetElapsedTime(long.Parse(number[..number.IndexOf((byte)',')], CultureInfo.InvariantCulture)).TotalMicroseconds;

    private static bool IsAnswer(ReadOnlySpan<byte> line, byte[] id)
    {
        if (!line.StartsWith(id))
            return false;
        return !line[id.Length..].StartsWith("\"error\":"u8) ? true : throw new InvalidOperationException(Encoding.UTF8.GetString(line));
    }

    private async Task<byte[]> SendAsync(string method, string parameters)
    {
        var begin = $"{{\"id\":{++_lastId},";
        await output.WriteAsync(Encoding.UTF8.GetBytes($"{begin}\"method\":\"{method}\",\"params\":{parameters}}}\n"));
        await output.FlushAsync();
        return Encoding.UTF8.GetBytes(begin);
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

    public async ValueTask DisposeAsync()
    {
        await output.DisposeAsync();
        await input.DisposeAsync();
    }
}
