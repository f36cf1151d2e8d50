using System.Text.Json.Nodes;
using CodexCompanion.EndToEnd.Tests.Codex;

namespace CodexCompanion.EndToEnd.Tests.Protocol;

/// <summary>
/// The same turns for both servers: each prompt has directives for the model behind the real codex (<c>stub:</c>) and for the simulated server
/// (<c>sim:</c>), and each reads its own.
/// </summary>
internal static class ScriptedSession
{
    // Measured with both versions: of a quick command the output comes or does not, and 0.142 mostly sends its end after the turn's.
    private const string EndOfCommand = "item/completed commandExecution";

    /// <summary>Notifications that come when they come, or that only one version or one installation sends: they are no part of a turn's order.</summary>
    private static readonly string[] AtAnyTime =
    [
        "item/commandExecution/outputDelta",
        "account/rateLimits/updated", "configWarning", "deprecationNotice", "mcpServer/startupStatus/updated", "model/verification", "remoteControl/status/changed", "skills/changed", "thread/name/updated",
        "thread/readState/changed", "thread/settings/updated", "thread/tokenUsage/updated", "turn/diff/updated", "warning",
    ];

    /// <summary>A prompt and what the servers are to make of it.</summary>
    public sealed record Turn(string Name, string Prompt, bool Interrupted = false, bool RunsCommand = false, bool IsReview = false)
    {
        public override string ToString() => Name;
    }

    public static IReadOnlyList<Turn> Turns { get; } =
    [
        new("a reply", "say it\nstub: reply \"the answer\"\nsim: reply \"the answer\""),
        new("a reply in pieces", "say it slowly\nstub: deltas 5\nstub: reply \"a longer answer\"\nsim: deltas 5\nsim: reply \"a longer answer\""),
        new("a command", "run it\nstub: shell \"echo output\"\nstub: reply \"ran\"\nsim: run echo output\nsim: reply \"ran\"", RunsCommand: true),
        new("a file change", "change it\nstub: patch changed.txt line\nstub: reply \"changed\"\nsim: edit line changed.txt\nsim: reply \"changed\""),
        new("a used-up limit", "too much\nstub: status 429\nsim: fail usage-limit"),
        new("a server error", "broken\nstub: status 500\nsim: retry-error\nsim: fail internal"),
        new("a review", "", IsReview: true),
        new("an interrupted turn", "stop me\nstub: hold for ever\nsim: think 60s", Interrupted: true),
    ];

    /// <summary>Runs one turn in a fresh thread and returns what the server sent from the thread's start on, one line an event, repetitions once.</summary>
    public static async Task<IReadOnlyList<string>> OrderOfAsync(RawAppServer server, string directory, string sandbox, Turn turn)
    {
        var thread = await server.StartThreadAsync(directory, sandbox);
        var from = server.Seen.Count;
        var turnId = turn.IsReview ? await server.StartReviewAsync(thread) : await server.StartTurnAsync(thread, turn.Prompt);
        if (turn.Interrupted)
        {
            await server.NextAsync(message => RawAppServer.Is(message, "item/completed"), "the user's message"); // the model is thinking now
            await server.CallAsync("turn/interrupt", new JsonObject { ["threadId"] = thread, ["turnId"] = turnId });
        }

        await server.TurnEndAsync(turnId);
        if (turn.RunsCommand)
            await server.CompletedItemAsync("commandExecution");
        var events = new List<string>();
        foreach (var line in server.Seen.Skip(from).Select(Line).OfType<string>())
            if (line is not EndOfCommand && (events.Count == 0 || !string.Equals(events[^1], line, StringComparison.Ordinal)))
                events.Add(line);
        return events;
    }

    private static string? Line(JsonObject message)
    {
        var method = message["method"]!.GetValue<string>();
        if (AtAnyTime.Contains(method, StringComparer.Ordinal))
            return null;
        var about = message["params"]!;
        return (about["item"]?["type"] ?? about["turn"]?["status"] ?? about["status"]?["type"] ?? about["willRetry"]) is { } detail ? $"{method} {detail}" : method;
    }
}
