using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Turns;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Turns;

/// <summary>A session whose server answers as a test says.</summary>
internal sealed class ScriptedSession(TimeProvider time) : IAppServerSession
{
    private readonly ConcurrentDictionary<string, Func<JsonElement, Task<string>>> _answers = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource<ConnectionLoss> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<(string Method, JsonElement Params)> _calls = new();
    private Action<RpcMessage>? _hears;
    private Action<string>? _hearsAnswers;

    public SessionKind Kind => SessionKind.Direct;

    public AppServerInfo Info { get; set; } = new("scripted/0.169.0", new Version(0, 169, 0), CodexHome: null, Process: null);

    public Task<ConnectionLoss> Ended => _ended.Task;

    public ConcurrentQueue<TurnToStop> Stops { get; } = new();

    public ConcurrentQueue<string> Released { get; } = new();

    public StopProof Proof { get; set; } = new(InterruptSent: true, TurnEnded: true, [], "The turn was interrupted and has ended.");

    public Action? OnStop { get; set; }

    public IReadOnlyList<(string Method, JsonElement Params)> Calls => [.. _calls];

    public int Count(string method) => _calls.Count(c => c.Method == method);

    public JsonElement ParamsOf(string method) => _calls.Last(c => c.Method == method).Params;

    public ScriptedSession Answer(string method, string json) => Answer(method, _ => Task.FromResult(json));

    public ScriptedSession Answer(string method, Func<JsonElement, Task<string>> answer)
    {
        _answers[method] = answer;
        return this;
    }

    public ScriptedSession Refuse(string method, int code, string message) =>
        Answer(method, _ => Task.FromException<string>(new RpcErrorException(method, new RpcError(code, message))));

    public void Lose(LossKind kind = LossKind.EndOfStream) => _ended.TrySetResult(new ConnectionLoss(kind, "The connection was lost by the test."));

    public async Task<JsonElement> CallAsync(
        string method, ReadOnlyMemory<byte> parameters, TimeSpan limit, CancellationToken cancellationToken = default)
    {
        var asked = RpcMessage.ToElement(parameters);
        _calls.Enqueue((method, asked));
        if (!_answers.TryGetValue(method, out var answer))
            throw new RpcErrorException(method, new RpcError(RpcError.InvalidRequest, $"Invalid request: unknown variant `{method}`"));
        var answering = answer(asked);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var first = await Task.WhenAny(answering, _ended.Task, Task.Delay(limit, time, waiting.Token));
        await waiting.CancelAsync();
        if (answering.IsCompleted)
            return RpcMessage.ToElement(Encoding.UTF8.GetBytes(await answering));
        if (first == _ended.Task)
            throw new ConnectionLostException(await _ended.Task);
        throw new RpcTimeoutException(method, limit);
    }

    /// <summary>The server says something.</summary>
    public void Say(string method, string parameters)
    {
        var line = Encoding.UTF8.GetBytes($$"""{"method":"{{method}}","params":{{parameters}}}""");
        var message = RpcMessage.Parse(line, out var problem);
        Assert.Null(problem);
        _hears?.Invoke(message!);
    }

    /// <summary>The session answered a request of the server by policy.</summary>
    public void SayAnswered(string sentence) => _hearsAnswers?.Invoke(sentence);

    public IDisposable Subscribe(Action<RpcMessage> onNotification)
    {
        _hears += onNotification;
        return new Undo(() => _hears -= onNotification);
    }

    public IDisposable SubscribeAnswers(Action<string> onAnswered)
    {
        _hearsAnswers += onAnswered;
        return new Undo(() => _hearsAnswers -= onAnswered);
    }

    public Task<StopProof> StopTurnAsync(TurnToStop turn)
    {
        Stops.Enqueue(turn);
        OnStop?.Invoke();
        return Task.FromResult(Proof);
    }

    public Task ReleaseThreadAsync(string threadId)
    {
        Released.Enqueue(threadId);
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Undo(Action undo) : IDisposable
    {
        public void Dispose() => undo();
    }
}
