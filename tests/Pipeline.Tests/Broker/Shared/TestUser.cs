using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.Pipeline.Tests.Rpc;
using CodexCompanion.Pipeline.Tests.Support;

namespace CodexCompanion.Pipeline.Tests.Broker.Shared;

/// <summary>A client of a <see cref="SharedBroker"/> that writes down what it hears.</summary>
internal sealed class TestUser : IAsyncDisposable
{
    private readonly DuplexPipe _pipe;
    private readonly RecordingReceiver _heard = new();
    private readonly RpcPeer _peer;

    public TestUser(DuplexPipe pipe)
    {
        _pipe = pipe;
        _peer = new RpcPeer(pipe.There, pipe.There, TimeLimits.MaxAppServerLine, _heard);
        _heard.OnAsked = request => Answer?.Invoke(request);
        _peer.Start();
    }

    public Stream BrokersEnd => _pipe.Here;

    public RpcPeer Peer => _peer;

    public ConcurrentQueue<RpcMessage> Heard => _heard.Notifications;

    /// <summary>Answers the app-server's requests; null to leave them.</summary>
    public Action<RpcMessage>? Answer { get; set; }

    /// <summary>Threads anything was heard of.</summary>
    public IEnumerable<string> ThreadsHeardOf => Heard.Select(m => m.ThreadId).OfType<string>().Distinct(StringComparer.Ordinal);

    public Task GreetAsync(string? jobId = "job", string? sessionId = null) =>
        ResultAsync("broker/hello", JsonSerializer.Serialize(new { cookie = "c", protocol = 1, jobId, sessionId }));

    public async Task<string> StartThreadAsync() =>
        (await ResultAsync("thread/start")).GetProperty("thread").GetProperty("id").GetString()!;

    public async Task<string> StartTurnAsync(string threadId) =>
        (await ResultAsync("turn/start", Thread(threadId))).GetProperty("turn").GetProperty("id").GetString()!;

    public async Task<JsonElement> ResultAsync(string method, string parameters = "{}")
    {
        var reply = await CallAsync(method, parameters);
        return reply.Error is null ? RpcMessage.ToElement(reply.Result) : throw new InvalidOperationException($"{method}: {reply.Error.Message}");
    }

    public Task<RpcReply> CallAsync(string method, string parameters = "{}") =>
        _peer.CallAsync(method, Encoding.UTF8.GetBytes(parameters), Wait.Limit);

    public Task HeardAsync(string method, int times = 1) =>
        Wait.UntilAsync(() => Heard.Count(m => m.Method == method) >= times, $"{method} is heard {times} times");

    /// <summary>Hangs up without a word.</summary>
    public void HangUp() => _pipe.EndThere();

    public static string Thread(string id) => JsonSerializer.Serialize(new { threadId = id });

    public async ValueTask DisposeAsync()
    {
        await _peer.DisposeAsync();
        _pipe.EndThere();
        await _pipe.There.DisposeAsync();
    }
}
