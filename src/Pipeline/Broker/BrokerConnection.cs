using System.Collections.Concurrent;
using System.Text.Json;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.StateStore.Json;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>What came of reaching for a broker: closed, one of two.</summary>
public abstract record BrokerReach
{
    private BrokerReach()
    {
    }

    /// <summary>It answered in our own protocol, with our cookie.</summary>
    public sealed record Answered(BrokerConnection Connection) : BrokerReach;

    /// <summary>It did not; the cause says whether nobody was there or somebody kept silent.</summary>
    public sealed record Failed(ConnectionLoss Why) : BrokerReach;
}

/// <summary>A client's connection to a broker that has proved to be alive.</summary>
public sealed class BrokerConnection : IRpcReceiver, IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly IServerRequestPolicy _policy;
    private readonly ConcurrentDictionary<string, ProcessIdentity> _servers = new(StringComparer.Ordinal);
    private readonly Listeners<RpcMessage> _notifications = new();
    private readonly Listeners<string> _answers = new();

    private AheadCall? _ahead;

    private BrokerConnection(Stream stream, IServerRequestPolicy policy)
    {
        _stream = stream;
        _policy = policy;
        Peer = new RpcPeer(stream, stream, TimeLimits.MaxAppServerLine, this);
    }

    /// <summary>Where the broker listens.</summary>
    public string Endpoint { get; private init; } = "";

    /// <summary>The wire.</summary>
    public RpcPeer Peer { get; }

    /// <summary>What the broker said in the handshake.</summary>
    public HelloResult Hello { get; private set; } = null!;

    /// <summary>The app-server a thread was loaded in; null when the broker has not said.</summary>
    public ProcessIdentity? ServerOf(string threadId) => _servers.GetValueOrDefault(threadId);

    /// <summary>Connects and shakes hands.</summary>
    /// <param name="endpoint">Where.</param>
    /// <param name="caller">Who connects.</param>
    /// <param name="limits">Time limits.</param>
    /// <param name="policy">Answers the app-server's requests.</param>
    public static async Task<BrokerReach> OpenAsync(string endpoint, BrokerCaller caller, TimeLimits limits, IServerRequestPolicy policy)
    {
        var connection = await BrokerEndpoint.ConnectAsync(endpoint, limits.Connect);
        if (connection is EndpointConnection.Closed closed)
            return new BrokerReach.Failed(closed.Why);

        var client = new BrokerConnection(((EndpointConnection.Open)connection).Stream, policy) { Endpoint = endpoint };
        var why = await client.GreetAsync(caller, limits);
        if (why is null)
            return new BrokerReach.Answered(client);
        await client.DisposeAsync();
        return new BrokerReach.Failed(why);
    }

    private async Task<ConnectionLoss?> GreetAsync(BrokerCaller caller, TimeLimits limits)
    {
        Peer.Start();
        var cookie = Guid.NewGuid().ToString("N");
        try
        {
            var greeting = CallAsync(
                BrokerProtocol.Hello,
                new HelloParams(cookie, BrokerProtocol.Version, caller.JobId, caller.SessionId),
                BrokerJson.HelloParams,
                BrokerJson.HelloResult,
                limits.Handshake);
            if (caller.Cwd is { } cwd)
                _ahead = AheadCall.Send(Peer, AppServerMethods.ConfigRead, AppServerCalls.ConfigRead(cwd), limits.Call);
            var hello = await greeting;
            Hello = hello;
            return hello.Cookie == cookie ? null : new ConnectionLoss(LossKind.Silent, "Whoever answered does not know our cookie.");
        }
        catch (RpcTimeoutException)
        {
            return new ConnectionLoss(LossKind.Silent, "It accepted the connection and did not answer the handshake.");
        }
        catch (Exception e) when (e is RpcErrorException or JsonException or ConnectionLostException)
        {
            return new ConnectionLoss(LossKind.Silent, $"It accepted the connection and did not speak our protocol: {e.Message}");
        }
    }

    /// <summary>Calls one of the broker's own methods.</summary>
    /// <exception cref="RpcErrorException">The broker answered with an error.</exception>
    /// <exception cref="RpcTimeoutException">No answer in time.</exception>
    /// <exception cref="ConnectionLostException">The connection is gone.</exception>
    /// <exception cref="JsonException">The answer is not what it should be.</exception>
    public async Task<TResult> CallAsync<TParams, TResult>(
        string method, TParams parameters, JsonFormat<TParams> paramsFormat, JsonFormat<TResult> resultFormat, TimeSpan limit)
        where TParams : class
        where TResult : class
    {
        var reply = await Peer.CallAsync(method, paramsFormat.ToBytes(parameters), limit);
        if (reply.Error is { } error)
            throw new RpcErrorException(method, error);
        return resultFormat.Read(reply.Result);
    }

    /// <summary>Calls a method of the app-server, or takes the answer to the same call if it was sent with the handshake.</summary>
    internal Task<RpcReply> CallServerAsync(string method, ReadOnlyMemory<byte> parameters, TimeSpan limit, CancellationToken cancellationToken) =>
        _ahead is { } ahead && ahead.Is(method, parameters.Span) && Interlocked.CompareExchange(ref _ahead, null, ahead) == ahead
            ? ahead.Reply.WaitAsync(cancellationToken)
            : Peer.CallAsync(method, parameters, limit, cancellationToken);

    internal IDisposable Subscribe(Action<RpcMessage> listener) => _notifications.Add(listener);

    internal IDisposable SubscribeAnswers(Action<string> listener) => _answers.Add(listener);

    /// <inheritdoc/>
    public void OnNotification(RpcMessage message)
    {
        if (message.Method == BrokerProtocol.AppServerLost)
        {
            Peer.Close(new ConnectionLoss(LossKind.AppServerDied, BrokerJson.AppServerLostParams.Read(message.Params).Message));
            return;
        }

        if (message.Method == BrokerProtocol.ThreadServer)
        {
            var loaded = BrokerJson.ThreadServerParams.Read(message.Params);
            _servers[loaded.ThreadId] = loaded.Process;
            return;
        }

        if (message.Method == BrokerProtocol.Answered)
        {
            _answers.Tell(BrokerJson.AnsweredParams.Read(message.Params).Sentence);
            return;
        }

        _notifications.Tell(message);
    }

    /// <inheritdoc/>
    public void OnRequest(RpcMessage message)
    {
        var answer = _policy.Answer(message);
        if (answer.Error is { } error)
            Peer.ReplyError(message.Id, error.Code, error.Message);
        else
            Peer.Reply(message.Id, answer.Result);
        _answers.Tell(answer.Sentence);
    }

    /// <inheritdoc/>
    public void OnNoise(string problem)
    {
        // A broker of ours writes none; whatever it is, it is passed over as an app-server's noise is.
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Peer.DisposeAsync();
        await _stream.DisposeAsync();
    }
}
