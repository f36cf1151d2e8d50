using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.Recovery;

/// <summary>A turn that was sent before its connection was lost, and where it was running.</summary>
/// <param name="ThreadId">Its thread.</param>
/// <param name="TurnId">The turn; null when the server had not named it.</param>
/// <param name="AppServer">The process it was running in; null when that is not known.</param>
/// <param name="Endpoint">Where the broker of that process listens; null when there was none.</param>
public sealed record LostTurn(string ThreadId, string? TurnId, ProcessIdentity? AppServer, string? Endpoint)
{
    /// <summary>A turn that was running in the broker's app-server.</summary>
    public static LostTurn? InBroker(BrokerSession session, IStateStore store, TurnProgress progress)
    {
        if (progress.ThreadId is not { } threadId)
            return null;

        // The broker may have started its app-server only after the handshake; its record names the one in use.
        var hello = session.Connection.Hello;
        var recorded = store.ReadBroker() is { Value: { } record } && record.InstanceId == hello.InstanceId ? record.AppServer : null;
        return new LostTurn(threadId, progress.TurnId, hello.AppServer?.Process ?? recorded, session.Connection.Endpoint);
    }

    /// <summary>A turn that was running in an app-server of our own.</summary>
    public static LostTurn? InOwnServer(IAppServerSession session, TurnProgress progress) =>
        progress.ThreadId is { } threadId ? new LostTurn(threadId, progress.TurnId, session.Info.Process, Endpoint: null) : null;
}
