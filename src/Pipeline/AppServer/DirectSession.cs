using System.Text.Json;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>A session on an app-server of our own, which ends with the session.</summary>
public sealed class DirectSession : IAppServerSession
{
    private readonly AppServerProcess _server;
    private readonly DirectReceiver _receiver;
    private readonly ITurnProcesses _turnProcesses;
    private readonly TimeLimits _limits;
    private readonly TimeProvider _time;

    /// <summary>Makes a session on a server that was started for it.</summary>
    /// <param name="server">The server; the session ends it.</param>
    /// <param name="receiver">The receiver the server was started with.</param>
    /// <param name="turnProcesses">Ends what turns started.</param>
    /// <param name="limits">Time limits.</param>
    /// <param name="time">The clock.</param>
    public DirectSession(
        AppServerProcess server, DirectReceiver receiver, ITurnProcesses turnProcesses, TimeLimits limits, TimeProvider time)
    {
        _server = server;
        _receiver = receiver;
        _turnProcesses = turnProcesses;
        _limits = limits;
        _time = time;
        receiver.AnswerTo(server.Peer);
    }

    /// <inheritdoc/>
    public SessionKind Kind => SessionKind.Direct;

    /// <inheritdoc/>
    public AppServerInfo Info => _server.Info;

    /// <inheritdoc/>
    public Task<ConnectionLoss> Ended => _server.Peer.Ended;

    /// <inheritdoc/>
    public async Task<JsonElement> CallAsync(
        string method, ReadOnlyMemory<byte> parameters, TimeSpan limit, CancellationToken cancellationToken = default)
    {
        var reply = await _server.Peer.CallAsync(method, parameters, limit, cancellationToken);
        return reply.Error is { } error ? throw new RpcErrorException(method, error) : RpcMessage.ToElement(reply.Result);
    }

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<RpcMessage> onNotification) => _receiver.Notifications.Add(onNotification);

    /// <inheritdoc/>
    public IDisposable SubscribeAnswers(Action<string> onAnswered) => _receiver.Answers.Add(onAnswered);

    /// <inheritdoc/>
    public async Task<StopProof> StopTurnAsync(TurnToStop turn)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = Subscribe(message =>
        {
            if (IsEndOf(turn, message))
                ended.TrySetResult();
        });

        // A server that is gone runs no turn.
        var over = Task.WhenAny(ended.Task, _server.Exited);
        return await TurnStopper.StopAsync(
            (method, parameters, limit) => _server.Peer.CallAsync(method, parameters, limit), turn, over, _turnProcesses, _limits, _time);
    }

    /// <summary>Does nothing: the server goes with the session, and lets go of everything.</summary>
    public Task ReleaseThreadAsync(string threadId) => Task.CompletedTask;

    /// <summary>Ends the server with all it started.</summary>
    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    private static bool IsEndOf(TurnToStop turn, RpcMessage message) =>
        message.Method == "turn/completed"
        && message.ThreadId == turn.ThreadId
        && (turn.TurnId is null || RpcMembers.FindNested(message.Params.Span, "turn"u8, "id"u8) == turn.TurnId);
}
