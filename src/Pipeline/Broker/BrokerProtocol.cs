using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>
/// The broker's own words on top of the app-server protocol, which it otherwise passes on: a few methods that begin <c>broker/</c>.
/// docs/protocol.md describes them.
/// </summary>
public static class BrokerProtocol
{
    /// <summary>Raised whenever a client and a broker of different versions could misunderstand each other.</summary>
    public const int Version = 1;

    /// <summary>First call of every connection: a cookie goes in, the same cookie and the instance come back.</summary>
    public const string Hello = "broker/hello";

    /// <summary>What the broker does at the moment, for people and programs.</summary>
    public const string Status = "broker/status";

    /// <summary>Take no new work, finish what runs, exit.</summary>
    public const string Drain = "broker/drain";

    /// <summary>Stop a turn with its commands.</summary>
    public const string StopTurn = "broker/turn/stop";

    /// <summary>Whether a thread has a turn running here.</summary>
    public const string TurnActive = "broker/turn/active";

    /// <summary>Let a thread go, so that another process can resume it.</summary>
    public const string ReleaseThread = "broker/thread/release";

    /// <summary>A Claude session ended: it no longer keeps the broker.</summary>
    public const string ReleaseSession = "broker/session/release";

    /// <summary>Notification before the answer to a call that loads a thread: which app-server it was loaded in.</summary>
    public const string ThreadServer = "broker/thread/server";

    /// <summary>Notification to clients: the app-server ended, its turns with it.</summary>
    public const string AppServerLost = "broker/appServerLost";

    /// <summary>Notification to whom it concerns: a request of the app-server was answered by the broker's policy.</summary>
    public const string Answered = "broker/answered";
}

/// <summary>Params of <see cref="BrokerProtocol.Hello"/>.</summary>
/// <param name="Cookie">Any text; comes back as it was.</param>
/// <param name="Protocol">Protocol version of the client.</param>
/// <param name="JobId">The job the connection works for; marks its turns' processes. Null for a look only.</param>
/// <param name="SessionId">Claude session to register; null for none.</param>
public sealed record HelloParams(string Cookie, int Protocol, string? JobId = null, string? SessionId = null);

/// <summary>Answer to <see cref="BrokerProtocol.Hello"/>: proof of life, and what the client judges the broker by.</summary>
public sealed record HelloResult
{
    /// <summary>The client's cookie.</summary>
    public required string Cookie { get; init; }

    /// <summary>The instance that answers.</summary>
    public required string InstanceId { get; init; }

    /// <summary>Takes no new work.</summary>
    public bool Draining { get; init; }

    /// <summary>Protocol version of the broker.</summary>
    public int Protocol { get; init; }

    /// <summary>Version of the tool that runs it.</summary>
    public required string ToolVersion { get; init; }

    /// <summary>What its app-server was started for.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Time since its start, in milliseconds, by its own monotonic clock.</summary>
    public long AgeMs { get; init; }

    /// <summary>Turns running in it.</summary>
    public int ActiveTurns { get; init; }

    /// <summary>The broker's process.</summary>
    public required ProcessIdentity Process { get; init; }

    /// <summary>Its app-server; null while none lives (the next request starts one).</summary>
    public AppServerState? AppServer { get; init; }
}

/// <summary>A living app-server, as the broker tells of it.</summary>
/// <param name="Process">Its process.</param>
/// <param name="UserAgent">What it calls itself.</param>
/// <param name="CodexHome">Its CODEX_HOME; null when it does not say.</param>
/// <param name="Generation">1 for the broker's first app-server, one more for each successor.</param>
public sealed record AppServerState(ProcessIdentity Process, string UserAgent, string? CodexHome, int Generation);

/// <summary>Answer to <see cref="BrokerProtocol.Status"/>.</summary>
public sealed record BrokerStatus
{
    /// <summary>The instance.</summary>
    public required string InstanceId { get; init; }

    /// <summary>ready or draining.</summary>
    public required string State { get; init; }

    /// <summary>Its process id.</summary>
    public int Pid { get; init; }

    /// <summary>Version of the tool that runs it.</summary>
    public required string ToolVersion { get; init; }

    /// <summary>Version of the broker's own protocol.</summary>
    public int Protocol { get; init; }

    /// <summary>What its app-server was started for.</summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>When it was started.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>Seconds since then.</summary>
    public double UptimeSeconds { get; init; }

    /// <summary>Seconds since somebody last had use for it.</summary>
    public double IdleSeconds { get; init; }

    /// <summary>Connected clients, the asking one left out.</summary>
    public int Clients { get; init; }

    /// <summary>Each of them.</summary>
    public IReadOnlyList<BrokerClient> ClientList { get; init; } = [];

    /// <summary>Connections accepted since its start.</summary>
    public int ConnectionsAccepted { get; init; }

    /// <summary>Turns running.</summary>
    public IReadOnlyList<BrokerTurn> Turns { get; init; } = [];

    /// <summary>Threads that belong to a client now.</summary>
    public int Threads { get; init; }

    /// <summary>Bytes waiting for slow clients.</summary>
    public long QueuedBytes { get; init; }

    /// <summary>Deltas dropped because a client was slow.</summary>
    public long DroppedDeltas { get; init; }

    /// <summary>Malformed lines received from clients.</summary>
    public long MalformedLines { get; init; }

    /// <summary>Claude sessions registered.</summary>
    public IReadOnlyList<string> Sessions { get; init; } = [];

    /// <summary>How often an app-server was started.</summary>
    public int AppServerStarts { get; init; }

    /// <summary>How many of them replaced one that had ended.</summary>
    public int AppServerRestarts { get; init; }

    /// <summary>Why the last one ended or did not start; null when none has.</summary>
    public string? LastAppServerEnd { get; init; }

    /// <summary>Resident memory of the broker, in bytes.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>The app-server; null while none lives.</summary>
    public AppServerStatus? AppServer { get; init; }

    /// <summary>The broker's endpoint.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The broker's log.</summary>
    public required string LogFile { get; init; }
}

/// <summary>A turn running in the broker.</summary>
public sealed record BrokerTurn(string ThreadId, string? TurnId, string? JobId);

/// <summary>A client connected to the broker.</summary>
/// <param name="Id">Number of its connection, as in the log.</param>
/// <param name="JobId">The job it works for; null for none.</param>
/// <param name="SessionId">The Claude session it named; null for none.</param>
/// <param name="Threads">Threads that belong to it.</param>
/// <param name="OpenRequests">Requests of it that are not answered yet.</param>
/// <param name="QueuedBytes">Bytes it has not read yet.</param>
/// <param name="DroppedDeltas">Deltas dropped because it read too slowly.</param>
public sealed record BrokerClient(
    int Id, string? JobId, string? SessionId, int Threads, int OpenRequests, long QueuedBytes, long DroppedDeltas);

/// <summary>The broker's app-server, for people and programs.</summary>
/// <param name="Pid">Its process.</param>
/// <param name="UserAgent">What it calls itself.</param>
/// <param name="Version">Its version; null when it cannot be read.</param>
/// <param name="Generation">1 for the broker's first, one more for each successor.</param>
/// <param name="PendingCalls">Calls it has not answered yet.</param>
/// <param name="MemoryBytes">Its resident memory; null when it cannot be read.</param>
public sealed record AppServerStatus(int Pid, string UserAgent, string? Version, int Generation, int PendingCalls, long? MemoryBytes);

/// <summary>Params of <see cref="BrokerProtocol.Drain"/>.</summary>
/// <param name="Reason">Why, for the log.</param>
/// <param name="StopTurns">Whether running turns are stopped rather than waited for.</param>
public sealed record DrainParams(string Reason, bool StopTurns);

/// <summary>Answer to <see cref="BrokerProtocol.Drain"/>.</summary>
/// <param name="ActiveTurns">Turns it still waits for.</param>
public sealed record DrainResult(int ActiveTurns);

/// <summary>Params of the methods about one thread.</summary>
/// <param name="ThreadId">The thread.</param>
/// <param name="TurnId">The turn; null when unknown.</param>
/// <param name="JobId">The job whose processes are ended with it; null for none.</param>
public sealed record ThreadParams(string ThreadId, string? TurnId = null, string? JobId = null);

/// <summary>Answer to <see cref="BrokerProtocol.TurnActive"/>.</summary>
public sealed record TurnActiveResult(bool Active);

/// <summary>Answer to <see cref="BrokerProtocol.StopTurn"/>; <see cref="Turns.StopProof"/> on the wire.</summary>
public sealed record StopTurnResult(bool InterruptSent, bool TurnEnded, IReadOnlyList<string> ProcessesLeft, string Detail);

/// <summary>Params of <see cref="BrokerProtocol.ReleaseSession"/>.</summary>
public sealed record SessionParams(string SessionId);

/// <summary>Params of <see cref="BrokerProtocol.ThreadServer"/>.</summary>
/// <param name="ThreadId">The thread.</param>
/// <param name="Process">The app-server it runs in: recovery proves this one gone, and no other.</param>
public sealed record ThreadServerParams(string ThreadId, ProcessIdentity Process);

/// <summary>Params of <see cref="BrokerProtocol.AppServerLost"/>.</summary>
public sealed record AppServerLostParams(string Message);

/// <summary>Params of <see cref="BrokerProtocol.Answered"/>.</summary>
/// <param name="ThreadId">The thread it was about; null for none.</param>
/// <param name="Sentence">What was asked and answered, for the job's log.</param>
public sealed record AnsweredParams(string? ThreadId, string Sentence);
