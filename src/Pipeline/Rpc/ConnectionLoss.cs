namespace CodexCompanion.Pipeline.Rpc;

/// <summary>How a connection ended.</summary>
public enum LossKind
{
    /// <summary>The other side closed the stream.</summary>
    EndOfStream,

    /// <summary>The system reported a broken stream (reset, broken pipe).</summary>
    Broken,

    /// <summary>Nobody listens at the endpoint.</summary>
    Refused,

    /// <summary>The endpoint does not exist.</summary>
    EndpointMissing,

    /// <summary>The endpoint's backlog is full: somebody lives there and is busy.</summary>
    Busy,

    /// <summary>The other side accepted and did not answer in time.</summary>
    Silent,

    /// <summary>The app-server's process ended, or the broker says so.</summary>
    AppServerDied,

    /// <summary>The other side sent what the protocol forbids (a line over the limit).</summary>
    ProtocolViolation,

    /// <summary>The other side reads too slowly: its queue of essential messages is full.</summary>
    SlowReader,

    /// <summary>This side closed it.</summary>
    ClosedHere,
}

/// <summary>The one cause with which every pending and later call on a connection fails.</summary>
/// <param name="Kind">How it ended.</param>
/// <param name="Message">A sentence for a person.</param>
public sealed record ConnectionLoss(LossKind Kind, string Message);

/// <summary>A call failed because its connection is gone.</summary>
public sealed class ConnectionLostException(ConnectionLoss loss) : IOException(loss.Message)
{
    /// <summary>Why the connection is gone.</summary>
    public ConnectionLoss Loss { get; } = loss;
}
