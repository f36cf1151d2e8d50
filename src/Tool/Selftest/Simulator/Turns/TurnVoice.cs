using System.Text.Json.Nodes;
using CodexCompanion.Tool.Selftest.Simulator.Shapes;
using CodexCompanion.Tool.Selftest.Simulator.Threads;

namespace CodexCompanion.Tool.Selftest.Simulator.Turns;

/// <summary>What is said and recorded of one turn.</summary>
internal sealed class TurnVoice(ServerContext server, LoadedThread thread, RecordedTurn turn)
{
    /// <summary>The tokens a turn of the simulation costs: 10 read, 5 written.</summary>
    public const int TokensPerTurn = 15;

    // What codex assumes of a model it does not know.
    private const int ContextWindow = 258_400;

    public void Started()
    {
        StatusChanged(ThreadShapes.LoadedStatus(active: true));
        Say("turn/started", new JsonObject { ["threadId"] = thread.Id, ["turn"] = TurnShapes.WithoutItems(server.Dialect, turn) });
    }

    public void Completed() =>
        Say("turn/completed", new JsonObject { ["threadId"] = thread.Id, ["turn"] = TurnShapes.Ended(server.Dialect, turn) });

    /// <summary>The thread's status: every client gets it, subscribed to the thread or not.</summary>
    public void StatusChanged(JsonObject status) =>
        server.Channel.Notify("thread/status/changed", new JsonObject { ["threadId"] = thread.Id, ["status"] = status });

    /// <summary>An item begins.</summary>
    /// <returns>When, in Unix milliseconds.</returns>
    public long ItemStarted(JsonObject item)
    {
        var now = server.NowMs;
        Say("item/started", Of(("item", WithTimes(item, now, completedAtMs: null)), ("startedAtMs", now)));
        return now;
    }

    /// <summary>An item is done: it is recorded, then said.</summary>
    public void ItemCompleted(JsonObject item, long startedAtMs)
    {
        var now = server.NowMs;
        var done = WithTimes(item, startedAtMs, now);
        thread.Record(turn, done);
        var parameters = Of(("item", done));
        if (server.Dialect.IsModern)
            parameters["contentTokenCount"] = null;
        parameters["completedAtMs"] = now;
        Say("item/completed", parameters);
    }

    /// <summary>An item that takes no time.</summary>
    public void Item(JsonObject item) => ItemCompleted(item, ItemStarted(item));

    /// <summary>A piece of an item's text.</summary>
    /// <param name="method">For instance <c>item/agentMessage/delta</c>.</param>
    /// <param name="itemId">The item.</param>
    /// <param name="delta">The piece.</param>
    /// <param name="more">Members some deltas have.</param>
    public void Delta(string method, string itemId, string delta, params (string Name, JsonNode? Value)[] more) =>
        Say(method, Of([("itemId", itemId), ("delta", delta), .. more]));

    /// <summary>An error; the turn goes on when it is to be retried.</summary>
    public void Error(JsonObject error, bool willRetry) => Say("error", Of(("error", error.DeepClone()), ("willRetry", willRetry)));

    /// <summary>What the thread's turns have cost so far.</summary>
    public void ThreadUsage(long totalTokens) => Say("thread/tokenUsage/updated", Of(("tokenUsage", new JsonObject
    {
        ["total"] = Breakdown(totalTokens),
        ["last"] = Breakdown(TokensPerTurn),
        ["modelContextWindow"] = ContextWindow,
    })));

    /// <summary>What this turn and all before it have cost, and what is left.</summary>
    public void TokenUsage(long totalTokens)
    {
        ThreadUsage(totalTokens);
        server.Channel.Notify("account/rateLimits/updated", new JsonObject { ["rateLimits"] = AccountShapes.RateLimits(server.Dialect, window: null) });
    }

    /// <summary>Says something that belongs to this turn.</summary>
    public void Say(string method, JsonObject parameters)
    {
        if (thread.Subscribed)
            server.Channel.Notify(method, parameters);
    }

    /// <summary>Parameters that begin with the thread and the turn.</summary>
    public JsonObject Of(params (string Name, JsonNode? Value)[] members)
    {
        var parameters = new JsonObject { ["threadId"] = thread.Id, ["turnId"] = turn.Id };
        foreach (var (name, value) in members)
            parameters[name] = value;
        return parameters;
    }

    private JsonObject WithTimes(JsonObject item, long startedAtMs, long? completedAtMs)
    {
        var timed = (JsonObject)item.DeepClone();
        if (server.Dialect.IsModern)
        {
            timed["startedAtMs"] = startedAtMs;
            timed["completedAtMs"] = completedAtMs;
        }

        return timed;
    }

    private JsonObject Breakdown(long total)
    {
        var breakdown = new JsonObject
        {
            ["totalTokens"] = total,
            ["inputTokens"] = total * 2 / 3,
            ["cachedInputTokens"] = 0,
        };
        if (server.Dialect.IsModern)
            breakdown["cacheWriteInputTokens"] = 0;
        breakdown["outputTokens"] = total - (total * 2 / 3);
        breakdown["reasoningOutputTokens"] = 0;
        return breakdown;
    }
}
