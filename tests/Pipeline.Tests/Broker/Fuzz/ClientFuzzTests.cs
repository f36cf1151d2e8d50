using System.Text;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Tests.Broker.Shared;
using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.Pipeline.Tests.Support;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Broker.Fuzz;

/// <summary>
/// Whatever a client sends: each request and each malformed line has exactly one answer, nobody else is disturbed, and nothing of anybody else's is told.
/// </summary>
public sealed class ClientFuzzTests : IAsyncLifetime
{
    private const int Cases = 150;
    private const string Private = "nobody else's business";

    // Everything but what means to end the broker.
    private static readonly string[] Methods =
    [
        "broker/hello", "broker/status", "broker/turn/stop", "broker/turn/active", "broker/thread/release", "broker/session/release", "broker/drain2", "broker/",
        "thread/start", "thread/resume", "turn/start", "turn/interrupt", "review/start", "account/read", "echo",
    ];

    private readonly SharedBroker _broker = new();
    private TestUser _victim = null!;
    private string _thread = "";

    public async Task InitializeAsync()
    {
        _victim = await _broker.ConnectAsync("victim");
        _thread = await _victim.StartThreadAsync();
        await _victim.StartTurnAsync(_thread);
    }

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public void Whatever_a_client_sends_is_answered_and_disturbs_nobody()
    {
        var cases =
            from lines in FuzzLines.Any(Methods)
            from greets in Gen.Elements(true, false)
            from cut in Gen.Choose(1, 64)
            select (lines, greets, cut);
        Check.One(FuzzLines.Runs(Cases), Prop.ForAll(cases.ToArbitrary(), c => RunAsync(c.lines, c.greets, c.cut).WaitAsync(Wait.Limit).GetAwaiter().GetResult()));

        Assert.Single(_broker.Servers);
        Assert.Equal([_thread], _broker.Server.Turns.Keys.Where(t => t == _thread));
    }

    private async Task<bool> RunAsync(byte[][] lines, bool greets, int cut)
    {
        var pipe = new DuplexPipe();
        var serving = _broker.ServeAsync(pipe);
        var answers = ReadAsync(pipe.There);
        var sent = greets ? [Encoding.UTF8.GetBytes("""{"id":"hello","method":"broker/hello","params":{"cookie":"c","protocol":1,"jobId":"fuzz"}}"""), .. lines] : lines;

        // Half lines, as a socket delivers them.
        foreach (var piece in sent.SelectMany(l => l.Append((byte)'\n')).Chunk(cut))
            await pipe.There.WriteAsync(piece);
        _broker.Server.Say(_thread, "item/completed", $"\"item\":{{\"text\":\"{Private}\"}}");
        var expected = sent.Select(Expected).OfType<string>().Order(StringComparer.Ordinal).ToList();
        while (answers.Count < expected.Count)
            await Task.Delay(1);
        await _victim.ResultAsync("echo");

        pipe.EndThere();
        await serving;
        var got = answers.Ids.Order(StringComparer.Ordinal).ToList();
        var problem = !got.SequenceEqual(expected, StringComparer.Ordinal) ? $"expected answers to {string.Join(' ', expected)}, got {string.Join(' ', got)}"
            : answers.All.Contains(Private, StringComparison.Ordinal) ? "somebody else's event was told"
            : answers.HasHeardOf(_thread) ? "somebody else's thread was told"
            : null;
        return problem is null ? true : throw new InvalidOperationException($"{problem}\n{string.Join('\n', sent.Select(Encoding.UTF8.GetString))}\n--- answers\n{answers.All}");
    }

    // What a line must be answered to: its id as it was written, "null" for a line that is no message, nothing otherwise.
    private static string? Expected(byte[] line)
    {
        if (line.All(b => b is (byte)' ' or (byte)'\t' or (byte)'\r'))
            return null;
        var message = RpcMessage.Parse(line.AsSpan().TrimEnd((byte)'\r').ToArray(), out _);
        return message is null ? "null" : message.Kind == RpcKind.Request ? Encoding.UTF8.GetString(message.Id.Span) : null;
    }

    private static Answers ReadAsync(Stream stream)
    {
        var answers = new Answers();
        _ = answers.ReadAsync(stream);
        return answers;
    }

    private sealed class Answers
    {
        private readonly Lock _gate = new();
        private readonly List<string> _ids = [];
        private readonly HashSet<string> _threads = new(StringComparer.Ordinal);
        private readonly StringBuilder _all = new();

        public int Count
        {
            get
            {
                lock (_gate)
                    return _ids.Count;
            }
        }

        public List<string> Ids
        {
            get
            {
                lock (_gate)
                    return [.. _ids];
            }
        }

        public string All
        {
            get
            {
                lock (_gate)
                    return _all.ToString();
            }
        }

        public bool HasHeardOf(string thread)
        {
            lock (_gate)
                return _threads.Contains(thread);
        }

        public async Task ReadAsync(Stream stream)
        {
            var reader = new LineReader(stream, TimeLimits.MaxAppServerLine);
            while (await reader.ReadAsync() is { Kind: LineKind.Line } read)
            {
                var text = Encoding.UTF8.GetString(read.Line.Span);
                var message = RpcMessage.Parse(read.Line, out _);
                lock (_gate)
                {
                    _all.AppendLine(text);
                    if (message is null && text.StartsWith("{\"id\":null,\"error\":", StringComparison.Ordinal))
                        _ids.Add("null");
                    else if (message is { Kind: RpcKind.Response })
                        _ids.Add(Encoding.UTF8.GetString(message.Id.Span));
                    else if (message?.ThreadId is { } thread)
                        _threads.Add(thread);
                }
            }
        }
    }
}
