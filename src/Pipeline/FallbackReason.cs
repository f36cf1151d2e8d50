namespace CodexCompanion.Pipeline;

/// <summary>Every reason for going direct. Each has a stable code and a sentence, both here and nowhere else.</summary>
public enum FallbackReason
{
    /// <summary>The caller asked for no broker.</summary>
    BrokerDisabled,

    /// <summary>Locks do not work where the state lies.</summary>
    LocksUnusable,

    /// <summary>The socket's path would be longer than the system allows.</summary>
    SocketPathTooLong,

    /// <summary>No private folder for sockets could be made.</summary>
    SocketFolderUnusable,

    /// <summary>Another broker configuration is at work in this workspace.</summary>
    FingerprintConflict,

    /// <summary>A broker lives and was busy for the whole wait.</summary>
    BrokerBusy,

    /// <summary>A broker was being started and was not ready in time.</summary>
    BrokerStarting,

    /// <summary>A broker holds its lock and does not answer.</summary>
    BrokerUnresponsive,

    /// <summary>What was found fits no known case; nothing was touched.</summary>
    BrokerUnknown,

    /// <summary>A broker could not be started.</summary>
    BrokerStartFailed,

    /// <summary>The connection was lost before any turn was sent.</summary>
    LostBeforeAcceptance,

    /// <summary>The connection was lost after a turn was sent; the rules of recovery apply.</summary>
    LostAfterAcceptance,
}

/// <summary>A reason, and what exactly was seen.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="Detail">What was seen, in a sentence; null when the reason says it all.</param>
public sealed record Fallback(FallbackReason Reason, string? Detail = null)
{
    /// <summary>Stable code, for logs and JSON.</summary>
    public string Code => Reason switch
    {
        FallbackReason.BrokerDisabled => "broker-disabled",
        FallbackReason.LocksUnusable => "locks-unusable",
        FallbackReason.SocketPathTooLong => "socket-path-too-long",
        FallbackReason.SocketFolderUnusable => "socket-folder-unusable",
        FallbackReason.FingerprintConflict => "fingerprint-conflict",
        FallbackReason.BrokerBusy => "broker-busy",
        FallbackReason.BrokerStarting => "broker-starting",
        FallbackReason.BrokerUnresponsive => "broker-unresponsive",
        FallbackReason.BrokerStartFailed => "broker-start-failed",
        FallbackReason.LostBeforeAcceptance => "lost-before-acceptance",
        FallbackReason.LostAfterAcceptance => "lost-after-acceptance",
        _ => "broker-unknown",
    };

    /// <summary>One sentence for a person.</summary>
    public string Sentence => (Reason switch
    {
        FallbackReason.BrokerDisabled => "The broker is switched off for this run.",
        FallbackReason.LocksUnusable => "Locks do not work here.",
        FallbackReason.SocketPathTooLong => "The broker's socket path would be too long for this system.",
        FallbackReason.SocketFolderUnusable => "There is no private folder for the broker's socket.",
        FallbackReason.FingerprintConflict => "The workspace's broker runs with another Codex, account or configuration and is in use.",
        FallbackReason.BrokerBusy => "The workspace's broker was too busy to answer.",
        FallbackReason.BrokerStarting => "The workspace's broker was not ready in time.",
        FallbackReason.BrokerUnresponsive => "The workspace's broker does not answer; `codex-companion doctor --force` can stop it.",
        FallbackReason.BrokerStartFailed => "A broker could not be started.",
        FallbackReason.LostBeforeAcceptance => "The connection was lost before the request was accepted.",
        FallbackReason.LostAfterAcceptance => "The connection was lost while the turn was running.",
        _ => "The broker's state is unclear; `codex-companion doctor` looks into it.",
    }) + (Detail is null ? "" : " " + Detail);
}
