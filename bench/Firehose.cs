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

    // With the rest some 300 bytes, which is what a short item or a delta has.
    private static readonly string Padding = new('x', 200);

    // Lines that go out in one system call while a turn pours: an app-server under load writes in chunks, too.
    private const int LinesAtOnce = 64;

    public static async Task<int> RunAsync()
    {
        using var input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
        await using var output = Console.OpenStandardOutput();
        var gate = new Lock();
        var (threads, turns) = (0, 0);
        while (await input.ReadLineAsync() is { } line)
        {
            using var document = JsonDocument.Parse(line);
            var message = document.RootElement;
            if (!message.TryGetProperty("id", out var id))
                continue;
            switch (message.GetProperty("method").GetString())
            {
                case "initialize":
                    Answer(Initialized);
                    break;
                case "thread/start":
                    Answer($$$"""{"thread":{"id":"t{{{++threads}}}"}}""");
                    break;
                case "turn/start":
                    var turn = $"u{++turns}";
                    Answer($$$"""{"turn":{"id":"{{{turn}}}","status":"inProgress","items":[]}}""");
                    var parameters = message.GetProperty("params");
                    var thread = parameters.GetProperty("threadId").GetString()!;
                    var prompt = parameters.GetProperty("input")[0].GetProperty("text").GetString()!.Split(' ');
                    var (count, pause) = (int.Parse(prompt[0], CultureInfo.InvariantCulture), int.Parse(prompt[1], CultureInfo.InvariantCulture));
                    _ = Task.Run(() => Pour(thread, turn, count, pause));
                    break;
                default:
                    Answer("{}");
                    break;
            }

            void Answer(string result) => Say($"{{\"id\":{id.GetRawText()},\"result\":{result}}}\n");
        }

        return 0;

        void Pour(string thread, string turn, int count, int microseconds)
        {
            var next = Stopwatch.GetTimestamp();
            var text = new StringBuilder();
            for (var n = 1; n <= count; n++)
            {
                for (next += microseconds * Stopwatch.Frequency / 1_000_000; microseconds > 0 && Stopwatch.GetTimestamp() < next;)
                    Thread.Yield();
                text.Append(CultureInfo.InvariantCulture, $"{{\"method\":\"item/completed\",\"params\":{{\"threadId\":\"{thread}\",\"at\":{Stopwatch.GetTimestamp()},\"text\":\"{Padding}\"}}}}\n");
                if (microseconds == 0 && n % LinesAtOnce != 0 && n < count)
                    continue;
                Say(text.ToString());
                text.Clear();
            }

            Say($"{{\"method\":\"turn/completed\",\"params\":{{\"threadId\":\"{thread}\",\"turn\":{{\"id\":\"{turn}\",\"status\":\"completed\",\"items\":[]}}}}}}\n");
        }

        void Say(string text)
        {
            lock (gate)
                output.Write(Encoding.UTF8.GetBytes(text));
        }
    }
}
