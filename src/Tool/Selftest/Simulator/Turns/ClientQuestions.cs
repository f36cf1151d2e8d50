using System.Text.Json.Nodes;
using CodexCompanion.Tool.Selftest.Simulator.Journal;
using CodexCompanion.Tool.Selftest.Simulator.Shapes;
using CodexCompanion.Tool.Selftest.Simulator.Threads;

namespace CodexCompanion.Tool.Selftest.Simulator.Turns;

/// <summary>What a turn asks of the client, and waits for.</summary>
internal sealed class ClientQuestions(ServerContext server, LoadedThread thread, ActiveTurn turn, TurnVoice voice, CancellationToken cut)
{
    /// <summary>Asks whether a command may run.</summary>
    /// <returns>The client's decision; an error, or one with conditions, counts as a refusal.</returns>
    public async Task<string> ApproveAsync(string itemId, string command, long startedAtMs)
    {
        var parameters = voice.Of(
            ("itemId", itemId),
            ("startedAtMs", startedAtMs),
            ("environmentId", "local"),
            ("command", $"/bin/bash -lc '{command}'"),
            ("cwd", thread.History.Info.Cwd),
            ("commandActions", new JsonArray(new JsonObject { ["type"] = "unknown", ["command"] = command })),
            ("availableDecisions", new JsonArray("accept", "cancel")));
        if (server.Dialect.IsModern)
            parameters["kind"] = "command";

        var answer = await AskAsync("item/commandExecution/requestApproval", parameters);
        return (answer["result"]?["decision"] as JsonValue)?.GetValue<string>() ?? "decline";
    }

    /// <summary>Asks the client to fill in a form for an MCP server.</summary>
    public async Task ElicitAsync() => await AskAsync("mcpServer/elicitation/request", voice.Of(
        ("serverName", "simulated"),
        ("mode", "form"),
        ("_meta", null),
        ("message", "Which colour?"),
        ("requestedSchema", new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { ["colour"] = new JsonObject { ["type"] = "string" } },
        })));

    private async Task<JsonObject> AskAsync(string method, JsonObject parameters)
    {
        voice.StatusChanged(ThreadShapes.LoadedStatus(active: true, "waitingOnApproval"));
        var (id, pending) = server.Channel.Ask(method, parameters);
        var answer = await pending.WaitAsync(cut);
        server.Journal.Write(JournalEvents.RequestAnswered, e => e with
        {
            ThreadId = thread.Id,
            TurnId = turn.Turn.Id,
            Why = method,
            Status = (answer["result"] ?? answer["error"])?.ToJsonString(),
        });
        voice.Say("serverRequest/resolved", new JsonObject { ["threadId"] = thread.Id, ["requestId"] = id });
        voice.StatusChanged(ThreadShapes.LoadedStatus(active: true));
        return answer;
    }
}
