using System.Collections.Concurrent;
using System.Text;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.Tests.Support;

/// <summary>Listens where a broker would, shakes hands, and answers as it is told.</summary>
internal sealed class FakeBroker : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly BrokerListener _listener;
    private readonly ConcurrentBag<Task> _serving = [];
    private readonly Task _accepting;

    public FakeBroker(string folder)
    {
        Endpoint = OperatingSystem.IsWindows() ? "cx-test-" + Guid.NewGuid().ToString("N") : Path.Combine(folder, Guid.NewGuid().ToString("N")[..8] + ".sock");
        _listener = new BrokerListener(Endpoint, new BrokerLog(Path.Combine(folder, "fake.log"), "fake", TimeProvider.System));
        _accepting = _listener.AcceptAsync(new ClientTable(), stream => _serving.Add(ServeAsync(stream)), _ending.Token);
    }

    public string Endpoint { get; }

    public ConcurrentQueue<RpcMessage> Requests { get; } = [];

    /// <summary>The result to a request, as JSON; null to leave it unanswered. The handshake is answered by itself.</summary>
    public Func<RpcMessage, string?> Answer { get; set; } = _ => "{}";

    /// <summary>Whether the handshake is answered.</summary>
    public bool Mute { get; set; }

    /// <summary>Changes the answer to the handshake.</summary>
    public Func<HelloResult, HelloResult> Introduce { get; set; } = hello => hello;

    public IEnumerable<string> Methods => Requests.Select(r => r.Method);

    private async Task ServeAsync(Stream stream)
    {
        await using (stream)
        {
            var reader = new LineReader(stream, TimeLimits.MaxClientLine);
            while (await reader.ReadAsync(_ending.Token) is { Kind: LineKind.Line } read)
            {
                var request = RpcMessage.Parse(read.Line, out _) ?? throw new InvalidOperationException("A client of ours sent no message.");
                Requests.Enqueue(request);
                var result = request.Method == BrokerProtocol.Hello ? Hello(request) : Answer(request);
                if (result is not null)
                    await stream.WriteAsync(Encoding.UTF8.GetBytes($"{{\"id\":{Encoding.UTF8.GetString(request.Id.Span)},\"result\":{result}}}\n"));
            }
        }
    }

    private string? Hello(RpcMessage request)
    {
        if (Mute)
            return null;
        var hello = BrokerJson.HelloParams.Read(request.Params);
        return Encoding.UTF8.GetString(BrokerJson.HelloResult.ToBytes(
            Introduce(new HelloResult
            {
                Cookie = hello.Cookie,
                InstanceId = "fake",
                Protocol = BrokerProtocol.Version,
                ToolVersion = "0.1.0",
                Fingerprint = "f",
                Process = new ProcessIdentity(1, "1", null, null),
            })).Span);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        foreach (var task in _serving.Append(_accepting))
            await task.ContinueWith(_ => { }, TaskScheduler.Default);
        _ending.Dispose();
    }
}
