using System.Text.Json;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>How a session reaches its app-server.</summary>
public enum SessionKind
{
    /// <summary>Through the workspace's broker.</summary>
    Shared,

    /// <summary>A child process of our own.</summary>
    Direct,
}

/// <summary>What an app-server says of itself in <c>initialize</c>.</summary>
/// <param name="UserAgent">Its user agent, as sent.</param>
/// <param name="Version">The version read from it; null when it cannot be read.</param>
/// <param name="CodexHome">Its CODEX_HOME; null when it does not say.</param>
/// <param name="Process">Its process; null when unknown.</param>
public sealed record AppServerInfo(string UserAgent, Version? Version, string? CodexHome, ProcessIdentity? Process);

/// <summary>A turn to stop.</summary>
/// <param name="JobId">Marks its processes.</param>
/// <param name="ThreadId">Its thread.</param>
/// <param name="TurnId">The turn; null when the server has not named it yet.</param>
public sealed record TurnToStop(string JobId, string ThreadId, string? TurnId);

/// <summary>An initialised connection to an app-server, shared or our own. Turn code knows no other way to reach Codex.</summary>
public interface IAppServerSession : IAsyncDisposable
{
    /// <summary>How it is reached.</summary>
    SessionKind Kind { get; }

    /// <summary>What answered.</summary>
    AppServerInfo Info { get; }

    /// <summary>Completes, with the cause, when the connection ends.</summary>
    Task<ConnectionLoss> Ended { get; }

    /// <summary>Calls a method.</summary>
    /// <returns>The result.</returns>
    /// <exception cref="RpcErrorException">The server answered with an error.</exception>
    /// <exception cref="RpcTimeoutException">No answer within the limit.</exception>
    /// <exception cref="ConnectionLostException">The connection is gone.</exception>
    Task<JsonElement> CallAsync(string method, ReadOnlyMemory<byte> parameters, TimeSpan limit, CancellationToken cancellationToken = default);

    /// <summary>Hears notifications from now on, in order, on the read loop. Early ones of a thread not yet known come through too.</summary>
    IDisposable Subscribe(Action<RpcMessage> onNotification);

    /// <summary>Hears what the session answered to a request of the server by policy, a sentence each.</summary>
    IDisposable SubscribeAnswers(Action<string> onAnswered);

    /// <summary>Stops a turn and what it started: interrupt, background terminals, processes by identity. Bounded by
    /// <see cref="TimeLimits.Cancel"/>; never throws.</summary>
    Task<StopProof> StopTurnAsync(TurnToStop turn);

    /// <summary>Where the turns of a thread run.</summary>
    TurnPlace PlaceOf(string threadId) => new(Info.Process, BrokerEndpoint: null);

    /// <summary>Lets a thread go, so that another process can resume it at once. Does nothing where that needs nothing; never throws. Whoever
    /// does not wait for it has it done when the session is disposed.</summary>
    Task ReleaseThreadAsync(string threadId);
}
