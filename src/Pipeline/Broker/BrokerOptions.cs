using CodexCompanion.Pipeline.AppServer;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>What a broker process is started with.</summary>
public sealed record BrokerOptions
{
    /// <summary>Unique name of the instance.</summary>
    public required string InstanceId { get; init; }

    /// <summary>The codex to run.</summary>
    public required CodexBinary Codex { get; init; }

    /// <summary>What the starting client computed; published as it is, so that both sides always mean the same.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Version of the tool.</summary>
    public required string ToolVersion { get; init; }

    /// <summary>Path of the tool's own program; a broker whose program was deleted under it drains.</summary>
    public required string ProgramPath { get; init; }

    /// <summary>The environment it was started with.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Time limits.</summary>
    public TimeLimits Limits { get; init; } = new();

    /// <summary>Resident memory past which an app-server is replaced, between turns, in bytes. It starts at 140 to 200 MiB, and each loaded thread
    /// costs about one: this many are a leak.</summary>
    public long MaxAppServerBytes { get; init; } = 1024L * 1024 * 1024;
}

/// <summary>How a broker process ended.</summary>
public enum BrokerExit
{
    /// <summary>It served and drained.</summary>
    Done,

    /// <summary>Another broker holds the workspace's lock.</summary>
    AnotherOne,

    /// <summary>It could not start; the sentence is on its standard error.</summary>
    CouldNotStart,
}
