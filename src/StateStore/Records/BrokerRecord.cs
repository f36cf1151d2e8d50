using System.Text.Json;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.StateStore.Records;

/// <summary>
/// <c>broker.json</c>: the pointer to the workspace's broker. It proves nothing (the broker lock and an answer in our own protocol do);
/// it tells where to ask.
/// </summary>
public sealed record BrokerRecord
{
    /// <summary>Newest layout of this file that this version reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Layout of this record.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Unique name of the broker instance (12 lower-case hexadecimal digits).</summary>
    public required string InstanceId { get; init; }

    /// <summary>Path of the unix socket, or the name of the pipe on Windows.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The broker's process.</summary>
    public required ProcessIdentity Process { get; init; }

    /// <summary>The process of the app-server it owns; null while there is none.</summary>
    public ProcessIdentity? AppServer { get; init; }

    /// <summary>When the broker was started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Version of the broker protocol it speaks.</summary>
    public required int Protocol { get; init; }

    /// <summary>Version of the tool that started it.</summary>
    public required string ToolVersion { get; init; }

    /// <summary>Hash over everything that makes one app-server serve another's purpose (codex binary, account, configuration…).</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Path of the broker's log.</summary>
    public required string LogFile { get; init; }

    /// <summary>Members this version does not know; they survive a rewrite.</summary>
    public Dictionary<string, JsonElement>? Extra { get; init; }

    /// <summary>Whether a text can be an instance id. It becomes part of file names, so nothing but ASCII letters and digits.</summary>
    public static bool IsValidInstanceId(string? text) => text is { Length: > 0 and <= 64 } && text.All(char.IsAsciiLetterOrDigit);
}
