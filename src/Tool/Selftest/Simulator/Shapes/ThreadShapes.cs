using System.Text.Json.Nodes;
using CodexCompanion.Tool.Selftest.Simulator.Threads;

namespace CodexCompanion.Tool.Selftest.Simulator.Shapes;

/// <summary>Threads as the protocol shows them.</summary>
internal sealed class ThreadShapes(Dialect dialect, SimulationHome home)
{
    /// <summary>The one model provider of the simulation.</summary>
    public const string Provider = "simulation";

    /// <summary>A thread in memory.</summary>
    public JsonObject Of(LoadedThread thread, bool withTurns) =>
        thread.Look((history, active) => Shape(history, LoadedStatus(active is not null), isLoaded: true, withTurns));

    /// <summary>A thread on disk.</summary>
    public JsonObject Of(ThreadHistory history, bool withTurns) =>
        Shape(history, new JsonObject { ["type"] = "notLoaded" }, isLoaded: false, withTurns);

    /// <summary>The answer to a start, a resume or a fork.</summary>
    public JsonObject Opened(LoadedThread thread, bool withTurns)
    {
        var cwd = thread.History.Info.Cwd;
        var answer = new JsonObject
        {
            ["thread"] = Of(thread, withTurns),
            ["model"] = thread.History.Info.Model,
            ["modelProvider"] = Provider,
            ["serviceTier"] = null,
        };
        if (dialect.IsModern)
            answer["disabledPluginIds"] = new JsonArray();
        answer["cwd"] = cwd;
        answer["runtimeWorkspaceRoots"] = new JsonArray(cwd);
        answer["instructionSources"] = new JsonArray();
        answer["approvalPolicy"] = thread.Settings.ApprovalPolicy.DeepClone();
        answer["approvalsReviewer"] = "user";
        answer["sandbox"] = thread.Settings.Sandbox.DeepClone();
        answer["activePermissionProfile"] = null;
        answer["reasoningEffort"] = null;
        answer["multiAgentMode"] = "explicitRequestOnly";
        return answer;
    }

    /// <summary>The status of a thread in memory.</summary>
    public static JsonObject LoadedStatus(bool active, params string[] flags) => active
        ? new JsonObject { ["type"] = "active", ["activeFlags"] = new JsonArray([.. flags.Select(f => (JsonNode)f)]) }
        : new JsonObject { ["type"] = "idle" };

    private JsonObject Shape(ThreadHistory history, JsonObject status, bool isLoaded, bool withTurns)
    {
        var info = history.Info;
        var shape = new JsonObject { ["id"] = info.Id };
        if (dialect.IsModern)
        {
            shape["environments"] = isLoaded ? Environments(info.Cwd) : null;
            shape["extra"] = null;
        }

        shape["sessionId"] = info.Id;
        shape["forkedFromId"] = info.ForkedFromId;
        if (dialect.IsModern)
            shape["attachedToThreadId"] = null;
        shape["parentThreadId"] = info.ParentThreadId;
        shape["preview"] = history.Preview;
        shape["ephemeral"] = info.Ephemeral;
        if (dialect.IsModern)
        {
            shape["section"] = null;
            shape["sectionEnteredAt"] = null;
            shape["projectId"] = null;
            shape["historyMode"] = "paginated";
        }

        shape["modelProvider"] = Provider;
        if (dialect.IsModern)
        {
            shape["model"] = info.Model;
            shape["reasoningEffort"] = null;
        }

        shape["createdAt"] = info.CreatedAt;
        shape["updatedAt"] = history.UpdatedAt;
        shape["recencyAt"] = history.Turns.Count == 0 ? info.CreatedAt : history.Turns[^1].StartedAtMs / 1000;
        shape["status"] = status;
        shape["path"] = info.Ephemeral ? null : home.RolloutFile(info.Id);
        shape["cwd"] = info.Cwd;
        shape["cliVersion"] = info.CliVersion;
        if (dialect.IsModern)
            shape["originator"] = info.Originator;
        shape["source"] = Source(info);
        if (dialect.IsModern)
            shape["canAcceptDirectInput"] = isLoaded ? true : null;
        foreach (var unset in (string[])["threadSource", "agentNickname", "agentRole", "gitInfo"])
            shape[unset] = null;
        shape["name"] = history.Name;
        if (dialect.IsModern)
            shape["daybreakEnabled"] = null;
        shape["turns"] = withTurns ? Turns(history) : new JsonArray();
        return shape;
    }

    private JsonArray Turns(ThreadHistory history)
    {
        var turns = new JsonArray();
        var items = 0;
        foreach (var turn in history.Turns)
        {
            var shape = TurnShapes.Full(dialect, turn, items);
            items += ((JsonArray)shape["items"]!).Count;
            turns.Add((JsonNode)shape);
        }

        return turns;
    }

    private static JsonArray Environments(string cwd) => new(new JsonObject
    {
        ["environmentId"] = "local",
        ["cwd"] = cwd,
        ["runtimeWorkspaceRoots"] = new JsonArray(cwd),
    });

    // Real servers record threads started over app-server as the editor's.
    private static JsonNode Source(ThreadInfo info) => info.ParentThreadId is not { } parent
        ? "vscode"
        : new JsonObject
        {
            ["subAgent"] = new JsonObject
            {
                ["thread_spawn"] = new JsonObject
                {
                    ["parent_thread_id"] = parent,
                    ["depth"] = 1,
                    ["agent_path"] = null,
                    ["agent_nickname"] = null,
                    ["agent_role"] = null,
                },
            },
        };
}
