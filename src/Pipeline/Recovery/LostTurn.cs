using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Turns;
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
    public static LostTurn? InBroker(BrokerSession session, TurnProgress progress) =>
        progress.ThreadId is { } threadId
            ? new LostTurn(threadId, progress.TurnId, session.Connection.ServerOf(threadId), session.Connection.Endpoint)
            : null;

    /// <summary>A turn that was running in an app-server of our own.</summary>
    public static LostTurn? InOwnServer(IAppServerSession session, TurnProgress progress) =>
        progress.ThreadId is { } threadId ? new LostTurn(threadId, progress.TurnId, session.Info.Process, Endpoint: null) : null;
}
