using System.Text.Json.Nodes;

namespace CodexCompanion.Tool.Selftest.Simulator.Threads;

/// <summary>What is known of a thread from its start on.</summary>
internal sealed record ThreadInfo
{
    public required string Id { get; init; }

    public required string Cwd { get; init; }

    /// <summary>Unix time in seconds.</summary>
    public required long CreatedAt { get; init; }

    public required string Model { get; init; }

    public required string Originator { get; init; }

    public required string CliVersion { get; init; }

    public bool Ephemeral { get; init; }

    public string? ForkedFromId { get; init; }

    /// <summary>Set for a subagent's thread.</summary>
    public string? ParentThreadId { get; init; }
}

/// <summary>A turn, running or over.</summary>
internal sealed class RecordedTurn
{
    public required string Id { get; init; }

    /// <summary>Unix time in milliseconds.</summary>
    public required long StartedAtMs { get; init; }

    public long? CompletedAtMs { get; set; }

    /// <summary>The protocol's own word; a turn without a recorded end is "interrupted" to those who only read about it.</summary>
    public string Status { get; set; } = TurnStatus.InProgress;

    public JsonObject? Error { get; set; }

    public List<JsonObject> Items { get; } = [];

    /// <summary>The texts the user sent in this turn.</summary>
    public IEnumerable<string> UserTexts => Items.Where(i => ItemType(i) is "userMessage")
        .SelectMany(i => i["content"] as JsonArray ?? [])
        .Select(part => part?["text"]?.GetValue<string>())
        .OfType<string>();

    public static string? ItemType(JsonObject item) => item["type"]?.GetValue<string>();
}

/// <summary>How a turn stands, in the protocol's words.</summary>
internal static class TurnStatus
{
    public const string InProgress = "inProgress";
    public const string Completed = "completed";
    public const string Interrupted = "interrupted";
    public const string Failed = "failed";
}

/// <summary>A thread with its turns.</summary>
internal sealed class ThreadHistory(ThreadInfo info)
{
    public ThreadInfo Info { get; } = info;

    public List<RecordedTurn> Turns { get; } = [];

    public string? Name { get; set; }

    public bool Archived { get; set; }

    /// <summary>Tokens of all turns so far.</summary>
    public long TotalTokens { get; set; }

    public RecordedTurn? Find(string turnId) => Turns.Find(t => string.Equals(t.Id, turnId, StringComparison.Ordinal));

    /// <summary>The first thing the user said.</summary>
    public string Preview => Turns.SelectMany(t => t.UserTexts).FirstOrDefault() ?? "";

    /// <summary>Unix time in seconds of the last change.</summary>
    public long UpdatedAt => Turns.Count == 0 ? Info.CreatedAt : (Turns[^1].CompletedAtMs ?? Turns[^1].StartedAtMs) / 1000;
}
