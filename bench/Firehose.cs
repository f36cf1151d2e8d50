using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CodexCompanion.Bench;

/// <summary>
/// An app-server that costs next to nothing, so that what is measured is the broker: this program, started as codex would be. A turn's prompt says how many
/// notifications it sends and how many microseconds lie between them; each carries the moment it was sent.
/// </summary>
internal static class Firehose
{
    private const string Initialized = """{"userAgent":"codex-companion/0.169.0 (bench) unknown (codex-companion; 0.1.0)","codexHome":"/"}""";
    private static readonly string Padding = new('x', 200);

    public static async Task<int> RunAsync()
    {
        using var input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
        await using var output = Console.OpenStandardOutput(64 * 1024);
        var gate = new SemaphoreSlim(1);
        var threads = 0;
        var turns = 0;
        while (await input.ReadLineAsync() is { } line)
        {
            using var document = JsonDocument.Parse(line);
            var message = document.RootElement;
            if (!message.TryGetProperty("id", out var id))
                continue;
            var raw = id.GetRawText();
            switch (message.GetProperty("method").GetString())
            {
                case "initialize":
                    await SayAsync($$$$$"""{"id":{{{{{raw}}}}},"result":{{{{{Initialized}}}}}}""");
                    break;
                case "thread/start":
                    await SayAsync($$$$$"""{"id":{{{{{raw}}}}},"result":{"thread":{"id":"t{{{{{++threads}}}}}"}}}""");
                    break;
                case "turn/start":
                    var parameters = message.GetProperty("params");
                    var prompt = parameters.GetProperty("input")[0].GetProperty("text").GetString()!.Split(' ');
                    var turn = $"u{++turns}";
                    await SayAsync($$$$$"""{"id":{{{{{raw}}}}},"result":{"turn":{"id":"{{{{{turn}}}}}","status":"inProgress","items":[]}}}""");
                    _ = Task.Run(() => PourAsync(
                        parameters.GetProperty("threadId").GetString()!, turn, int.Parse(prompt[0], CultureInfo.InvariantCulture), int.Parse(prompt[1], CultureInfo.InvariantCulture)));
                    break;
                default:
                    await SayAsync($$$$$"""{"id":{{{{{raw}}}}},"result":{}}""");
                    break;
            }
        }

        return 0;

        async Task PourAsync(string thread, string turn, int count, int microseconds)
        {
            var next = Stopwatch.GetTimestamp();
            for (var n = 0; n < count; n++)
            {
                for (next += microseconds * Stopwatch.Frequency / 1_000_000; microseconds > 0 && Stopwatch.GetTimestamp() < next;)
                    Thread.Yield();
                await SayAsync($$$$$"""{"method":"item/completed","params":{"threadId":"{{{{{thread}}}}}","at":{{{{{Stopwatch.GetTimestamp()}}}}},"text":"{{{{{Padding}}}}}"}}""", flush: microseconds > 0 || n % 64 == 63);
            }

            await SayAsync($$$$$"""{"method":"turn/completed","params":{"threadId":"{{{{{thread}}}}}","turn":{"id":"{{{{{turn}}}}}","status":"completed","items":[]}}}""");
        }

        async Task SayAsync(string text, bool flush = true)
        {
            await gate.WaitAsync();
            try
            {
                await output.WriteAsync(Encoding.UTF8.GetBytes(text + "\n"));
                if (flush)
                    await output.FlushAsync();
            }
            finally
            {
                gate.Release();
            }
        }
    }
}
