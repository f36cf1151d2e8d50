using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.Validation;

/// <summary>What was found at the endpoint that the record names.</summary>
public enum EndpointState
{
    /// <summary>Not looked at: there is no record to name one.</summary>
    NotProbed,

    /// <summary>Our own protocol answered with our cookie and the instance the record names.</summary>
    Answers,

    /// <summary>Somebody lives there, and its backlog is full.</summary>
    Busy,

    /// <summary>Nobody listens, or there is nothing.</summary>
    Silent,

    /// <summary>It accepts and does not answer the handshake, or answers something else.</summary>
    Mute,
}

/// <summary>What a broker said of itself in the handshake, as far as the verdict needs it.</summary>
/// <param name="Draining">Whether it takes no new work.</param>
/// <param name="Protocol">Protocol version it speaks.</param>
/// <param name="Fingerprint">What its app-server was started for.</param>
/// <param name="Age">Time since its start.</param>
/// <param name="ActiveTurns">Turns running in it.</param>
public sealed record BrokerSelfReport(bool Draining, int Protocol, string Fingerprint, TimeSpan Age, int ActiveTurns);

/// <summary>Everything the verdict is made of. Gathered once, judged by a pure function.</summary>
public sealed record BrokerFacts
{
    /// <summary>What reading <c>broker.json</c> gave.</summary>
    public required StateReadKind Record { get; init; }

    /// <summary>The workspace's broker lock.</summary>
    public required LockState Lock { get; init; }

    /// <summary>The process the record names; unknown when it names none.</summary>
    public ProcessPresence Process { get; init; } = ProcessPresence.Unknown;

    /// <summary>The endpoint the record names.</summary>
    public EndpointState Endpoint { get; init; } = EndpointState.NotProbed;

    /// <summary>The broker's own words; not null exactly when it answers.</summary>
    public BrokerSelfReport? Report { get; init; }

    /// <summary>Time since the record says the broker started; null without a record.</summary>
    public TimeSpan? RecordAge { get; init; }
}

/// <summary>What the client wants of a broker.</summary>
/// <param name="Protocol">Protocol version this tool speaks.</param>
/// <param name="Fingerprint">What its app-server must have been started for.</param>
/// <param name="MaxAge">Oldest broker to use.</param>
/// <param name="StartLimit">A silent broker younger than this is still starting.</param>
/// <param name="ConflictGrace">A broker with another fingerprint is left alone while younger than this.</param>
public sealed record BrokerWanted(int Protocol, string Fingerprint, TimeSpan MaxAge, TimeSpan StartLimit, TimeSpan ConflictGrace);
