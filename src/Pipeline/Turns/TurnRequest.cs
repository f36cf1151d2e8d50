using System.Text.Json;

namespace CodexCompanion.Pipeline.Turns;

/// <summary>What commands of a turn may touch.</summary>
public enum SandboxMode
{
    /// <summary>Read anything, change nothing.</summary>
    ReadOnly,

    /// <summary>Change files below the working directory.</summary>
    WorkspaceWrite,

    /// <summary>No sandbox at all.</summary>
    DangerFullAccess,
}

/// <summary>One turn by Codex: everything needed to run it, on whichever app-server.</summary>
public sealed record TurnRequest
{
    /// <summary>The job this turn belongs to; it marks the turn's processes (<c>CODEX_COMPANION_JOB</c> in their environment).</summary>
    public required string JobId { get; init; }

    /// <summary>Working directory of the turn (absolute).</summary>
    public required string Cwd { get; init; }

    /// <summary>The prompt, byte for byte.</summary>
    public required string Prompt { get; init; }

    /// <summary>Our id of the prompt; recovery looks for it in the thread. Unique per request.</summary>
    public required string ClientMessageId { get; init; }

    /// <summary>What its commands may touch. Sent with the thread and with the turn: a live thread keeps its old one otherwise.</summary>
    public SandboxMode Sandbox { get; init; } = SandboxMode.ReadOnly;

    /// <summary>Model; null for the user's own default.</summary>
    public string? Model { get; init; }

    /// <summary>Reasoning effort; null for the default.</summary>
    public string? Effort { get; init; }

    /// <summary>Codex configuration for this thread, by dotted key (<c>-c key=value</c>).</summary>
    public IReadOnlyDictionary<string, JsonElement> Config { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);

    /// <summary>The caller's environment: what the turn's commands see.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Thread to continue; null for a new one.</summary>
    public string? ThreadId { get; init; }

    /// <summary>Name given to a new thread, after its first turn.</summary>
    public string? ThreadName { get; init; }

    /// <summary>JSON schema the final message must follow; null for free text.</summary>
    public JsonElement? OutputSchema { get; init; }

    /// <summary>Whether the thread is kept nowhere.</summary>
    public bool Ephemeral { get; init; }

    /// <summary>What Codex's own reviewer is to look at; null for an ordinary turn. The prompt is not sent then.</summary>
    public NativeReview? Review { get; init; }

    /// <summary>Whether a sandbox weaker than <see cref="Sandbox"/> is a reason not to run at all.</summary>
    public bool SandboxIsPinned { get; init; }

    /// <summary>Whether commands may change anything.</summary>
    public bool MayWrite => Sandbox != SandboxMode.ReadOnly;
}
