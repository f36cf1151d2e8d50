using System.Text.Json;
using System.Text.Json.Nodes;

namespace CodexCompanion.Tool.Selftest.Simulator.Threads;

/// <summary>The lines of a rollout: how each is written, and what it adds to the history when read.</summary>
internal static class RolloutLines
{
    public static JsonObject Thread(ThreadInfo info) => new()
    {
        ["line"] = "thread",
        ["id"] = info.Id,
        ["cwd"] = info.Cwd,
        ["createdAt"] = info.CreatedAt,
        ["model"] = info.Model,
        ["originator"] = info.Originator,
        ["cliVersion"] = info.CliVersion,
        ["forkedFromId"] = info.ForkedFromId,
        ["parentThreadId"] = info.ParentThreadId,
    };

    public static JsonObject Turn(RecordedTurn turn) => new() { ["line"] = "turn", ["id"] = turn.Id, ["startedAtMs"] = turn.StartedAtMs };

    public static JsonObject Item(string turnId, JsonObject item) =>
        new() { ["line"] = "item", ["turnId"] = turnId, ["item"] = item.DeepClone() };

    public static JsonObject TurnEnd(RecordedTurn turn, long totalTokens) => new()
    {
        ["line"] = "turn-end",
        ["turnId"] = turn.Id,
        ["status"] = turn.Status,
        ["error"] = turn.Error?.DeepClone(),
        ["completedAtMs"] = turn.CompletedAtMs,
        ["totalTokens"] = totalTokens,
    };

    public static JsonObject Name(string name) => new() { ["line"] = "name", ["name"] = name };

    public static JsonObject Archived(bool archived) => new() { ["line"] = "archived", ["archived"] = archived };

    /// <summary>The history the lines tell, or null when not even the first is whole.</summary>
    public static ThreadHistory? Replay(IEnumerable<string> lines)
    {
        ThreadHistory? history = null;
        foreach (var line in lines)
        {
            JsonNode? node;
            try
            {
                node = JsonNode.Parse(line);
            }
            catch (JsonException)
            {
                // The line of a server that was killed while writing it.
                continue;
            }

            if (node is not JsonObject entry)
                continue;
            if (Text(entry, "line") is "thread")
                history ??= new ThreadHistory(ReadInfo(entry));
            else if (history is not null)
                Apply(history, entry);
        }

        return history;
    }

    private static void Apply(ThreadHistory history, JsonObject entry)
    {
        switch (Text(entry, "line"))
        {
            case "turn":
                history.Turns.Add(new RecordedTurn { Id = Text(entry, "id")!, StartedAtMs = Number(entry, "startedAtMs") });
                break;
            case "item" when history.Find(Text(entry, "turnId")!) is { } turn && entry["item"] is JsonObject item:
                turn.Items.Add((JsonObject)item.DeepClone());
                break;
            case "turn-end" when history.Find(Text(entry, "turnId")!) is { } turn:
                turn.Status = Text(entry, "status")!;
                turn.Error = entry["error"]?.DeepClone() as JsonObject;
                turn.CompletedAtMs = Number(entry, "completedAtMs");
                history.TotalTokens = Math.Max(history.TotalTokens, Number(entry, "totalTokens"));
                break;
            case "name":
                history.Name = Text(entry, "name");
                break;
            case "archived":
                history.Archived = entry["archived"]?.GetValue<bool>() ?? false;
                break;
        }
    }

    private static ThreadInfo ReadInfo(JsonObject entry) => new()
    {
        Id = Text(entry, "id")!,
        Cwd = Text(entry, "cwd")!,
        CreatedAt = Number(entry, "createdAt"),
        Model = Text(entry, "model")!,
        Originator = Text(entry, "originator")!,
        CliVersion = Text(entry, "cliVersion")!,
        ForkedFromId = Text(entry, "forkedFromId"),
        ParentThreadId = Text(entry, "parentThreadId"),
    };

    private static string? Text(JsonObject entry, string name) => entry[name]?.GetValue<string>();

    private static long Number(JsonObject entry, string name) => entry[name]?.GetValue<long>() ?? 0;
}
