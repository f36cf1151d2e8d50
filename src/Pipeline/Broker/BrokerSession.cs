using System.Text.Json;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>A session with the app-server of the workspace's broker.</summary>
public sealed class BrokerSession(BrokerConnection connection, TimeLimits limits) : IAppServerSession
{
    private Task _releasing = Task.CompletedTask;

    /// <summary>The connection to the broker.</summary>
    public BrokerConnection Connection { get; } = connection;

    /// <inheritdoc/>
    public SessionKind Kind => SessionKind.Shared;

    /// <inheritdoc/>
    public AppServerInfo Info { get; } = new(
        connection.Hello.AppServer?.UserAgent ?? "",
        AppServerVersion.Read(connection.Hello.AppServer?.UserAgent ?? ""),
        connection.Hello.AppServer?.CodexHome,
        connection.Hello.AppServer?.Process);

    /// <inheritdoc/>
    public Task<ConnectionLoss> Ended => Connection.Peer.Ended;

    /// <inheritdoc/>
    public async Task<JsonElement> CallAsync(
        string method, ReadOnlyMemory<byte> parameters, TimeSpan limit, CancellationToken cancellationToken = default)
    {
        var reply = await Connection.CallServerAsync(method, parameters, limit, cancellationToken);
        return reply.Error switch
        {
            null => RpcMessage.ToElement(reply.Result),
            { Code: RpcError.AppServerLost } lost => throw new ConnectionLostException(new ConnectionLoss(LossKind.AppServerDied, lost.Message)),
            { Code: RpcError.Draining } draining => throw new ConnectionLostException(new ConnectionLoss(LossKind.EndOfStream, draining.Message)),
            var error => throw new RpcErrorException(method, error),
        };
    }

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<RpcMessage> onNotification) => Connection.Subscribe(onNotification);

    /// <inheritdoc/>
    public IDisposable SubscribeAnswers(Action<string> onAnswered) => Connection.SubscribeAnswers(onAnswered);

    /// <inheritdoc/>
    public async Task<StopProof> StopTurnAsync(TurnToStop turn)
    {
        try
        {
            var stopped = await Connection.CallAsync(
                BrokerProtocol.StopTurn,
                new ThreadParams(turn.ThreadId, turn.TurnId, turn.JobId),
                BrokerJson.ThreadParams,
                BrokerJson.StopTurnResult,
                limits.Cancel);
            return new StopProof(stopped.InterruptSent, stopped.TurnEnded, stopped.ProcessesLeft, stopped.Detail);
        }
        catch (ConnectionLostException e) when (e.Loss.Kind == LossKind.AppServerDied)
        {
            // It was ended because the turn ignored its interrupt, or died by itself; the news of it overtakes the answer.
            return new StopProof(InterruptSent: true, TurnEnded: true, [], $"The turn ended with its app-server. {e.Loss.Message}");
        }
        catch (Exception e) when (e is RpcErrorException or RpcTimeoutException or ConnectionLostException or JsonException)
        {
            return new StopProof(InterruptSent: false, TurnEnded: false, [], $"The broker could not be asked to stop the turn: {e.Message}");
        }
    }

    /// <inheritdoc/>
    public TurnPlace PlaceOf(string threadId) => new(Connection.ServerOf(threadId), Connection.Endpoint);

    /// <inheritdoc/>
    public Task ReleaseThreadAsync(string threadId) => _releasing = Task.WhenAll(_releasing, ReleaseAsync(threadId));

    /// <summary>Lets go of what is being let go, and hangs up.</summary>
    public async ValueTask DisposeAsync()
    {
        await _releasing;
        await Connection.DisposeAsync();
    }

    private async Task ReleaseAsync(string threadId)
    {
        try
        {
            var parameters = BrokerJson.ThreadParams.ToBytes(new ThreadParams(threadId));
            await Connection.Peer.CallAsync(BrokerProtocol.ReleaseThread, parameters, limits.Call);
        }
        catch (Exception e) when (e is RpcTimeoutException or ConnectionLostException)
        {
            // The broker lets the threads of a client that is gone go by itself.
        }
    }
}
