using System.Text.Json.Nodes;
using CodexCompanion.Tool.Selftest.Simulator.Threads;

namespace CodexCompanion.Tool.Selftest.Simulator.Shapes;

/// <summary>Turns as the protocol shows them.</summary>
internal static class TurnShapes
{
    /// <summary>A turn in an answer to its own start: nothing is known of it but its id.</summary>
    public static JsonObject Fresh(Dialect dialect, string turnId, string? rootTurnId) =>
        Shape(dialect, turnId, rootTurnId, [], "notLoaded", TurnStatus.InProgress, error: null, startedAt: null, completedAtMs: null, durationMs: null);

    /// <summary>A turn in <c>turn/started</c> and, when it has no answer to show, in <c>turn/completed</c>.</summary>
    public static JsonObject WithoutItems(Dialect dialect, RecordedTurn turn) => Shape(dialect, turn, [], "notLoaded");

    /// <summary>A turn that ended, in <c>turn/completed</c>: 0.169 repeats its answer there, 0.142 does not.</summary>
    public static JsonObject Ended(Dialect dialect, RecordedTurn turn)
    {
        var answer = turn.Status is TurnStatus.Completed ? turn.Items.FindLast(i => RecordedTurn.ItemType(i) is "agentMessage") : null;
        return dialect.IsModern && answer is not null
            ? Shape(dialect, turn, [answer.DeepClone()], "summary")
            : WithoutItems(dialect, turn);
    }

    /// <summary>A turn of the history.</summary>
    /// <param name="dialect">0.142 shows no commands and file changes of the past, and names the items anew.</param>
    /// <param name="turn">The turn.</param>
    /// <param name="itemsBefore">How many items the turns before it show.</param>
    public static JsonObject Full(Dialect dialect, RecordedTurn turn, int itemsBefore)
    {
        if (dialect.IsModern)
            return Shape(dialect, turn, new JsonArray([.. turn.Items.Select(i => i.DeepClone())]), "full");
        var items = new JsonArray();
        foreach (var item in turn.Items.Where(IsKeptByOldVersions))
        {
            var shown = (JsonObject)item.DeepClone();
            shown["id"] = $"item-{++itemsBefore}";
            items.Add((JsonNode)shown);
        }

        return Shape(dialect, turn, items, "full");
    }

    private static bool IsKeptByOldVersions(JsonObject item) => RecordedTurn.ItemType(item) is not ("commandExecution" or "fileChange");

    private static JsonObject Shape(Dialect dialect, RecordedTurn turn, JsonArray items, string view) => Shape(
        dialect,
        turn.Id,
        turn.Id,
        items,
        view,
        turn.Status,
        turn.Error,
        turn.StartedAtMs / 1000,
        turn.CompletedAtMs,
        turn.CompletedAtMs - turn.StartedAtMs);

    private static JsonObject Shape(
        Dialect dialect,
        string turnId,
        string? rootTurnId,
        JsonArray items,
        string view,
        string status,
        JsonObject? error,
        long? startedAt,
        long? completedAtMs,
        long? durationMs)
    {
        var shape = new JsonObject { ["id"] = turnId };
        if (dialect.IsModern)
            shape["rootTurnId"] = rootTurnId;
        shape["items"] = items;
        shape["itemsView"] = view;
        shape["status"] = status;
        shape["error"] = error?.DeepClone();
        shape["startedAt"] = startedAt;
        shape["completedAt"] = completedAtMs / 1000;
        shape["durationMs"] = durationMs;
        return shape;
    }
}
