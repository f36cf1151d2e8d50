using System.Text.Json.Nodes;

namespace CodexCompanion.Tool.Selftest.Simulator.Shapes;

/// <summary>The items of a turn, without the times 0.169 adds to each.</summary>
internal static class ItemShapes
{
    public static JsonObject UserMessage(string id, JsonArray content, string? clientId) => new()
    {
        ["type"] = "userMessage",
        ["id"] = id,
        ["clientId"] = clientId,
        ["content"] = content.DeepClone(),
    };

    public static JsonObject AgentMessage(Dialect dialect, string id, string text)
    {
        var item = new JsonObject { ["type"] = "agentMessage" };
        if (dialect.IsModern)
            item["moderation"] = null;
        item["id"] = id;
        item["text"] = text;
        item["phase"] = null;
        item["memoryCitation"] = null;
        if (dialect.IsModern)
        {
            item["delivery"] = null;
            item["questions"] = null;
        }

        return item;
    }

    public static JsonObject Reasoning(string id, string summary) => new()
    {
        ["type"] = "reasoning",
        ["id"] = id,
        ["summary"] = summary.Length == 0 ? new JsonArray() : new JsonArray(summary),
        ["content"] = new JsonArray(),
    };

    /// <summary>A file the agent changed, or wants to.</summary>
    /// <param name="id">The item's id.</param>
    /// <param name="path">The absolute path.</param>
    /// <param name="isNew">Whether the file is created by it.</param>
    /// <param name="addedLine">The line added.</param>
    /// <param name="status">inProgress, completed, failed or declined.</param>
    public static JsonObject FileChange(string id, string path, bool isNew, string addedLine, string status) => new()
    {
        ["type"] = "fileChange",
        ["id"] = id,
        ["changes"] = new JsonArray(new JsonObject
        {
            ["path"] = path,
            ["kind"] = isNew
                ? new JsonObject { ["type"] = "add" }
                : new JsonObject { ["type"] = "update", ["move_path"] = null },
            ["diff"] = isNew ? addedLine + "\n" : $"@@\n+{addedLine}\n",
        }),
        ["status"] = status,
    };

    /// <summary>A shell command.</summary>
    /// <param name="dialect">0.169 adds members about plugins.</param>
    /// <param name="id">The item's id.</param>
    /// <param name="command">The command line as given to the shell.</param>
    /// <param name="cwd">The folder it runs in.</param>
    /// <param name="status">inProgress, completed, failed or declined.</param>
    /// <param name="end">What is known once it has ended or been refused.</param>
    /// <param name="pid">Its process.</param>
    public static JsonObject Command(
        Dialect dialect, string id, string command, string cwd, string status, CommandEnd? end = null, int? pid = null)
    {
        var item = new JsonObject { ["type"] = "commandExecution", ["id"] = id };
        if (dialect.IsModern)
        {
            item["pluginId"] = null;
            item["scriptPath"] = null;
        }

        item["command"] = $"/bin/bash -lc '{command}'";
        item["cwd"] = cwd;
        item["processId"] = pid?.ToString();
        item["source"] = pid is null ? "agent" : "unifiedExecStartup";
        item["status"] = status;
        item["commandActions"] = new JsonArray(new JsonObject { ["type"] = "unknown", ["command"] = command });
        item["aggregatedOutput"] = string.IsNullOrEmpty(end?.Output) ? null : end.Output;
        item["exitCode"] = end?.ExitCode;
        item["durationMs"] = end?.DurationMs;
        return item;
    }

    /// <summary>The call by which an agent spawns another.</summary>
    public static JsonObject SpawnAgent(string id, string sender, string? receiver, string prompt, string status) => new()
    {
        ["type"] = "collabAgentToolCall",
        ["id"] = id,
        ["tool"] = "spawnAgent",
        ["status"] = status,
        ["senderThreadId"] = sender,
        ["receiverThreadIds"] = receiver is null ? new JsonArray() : new JsonArray(receiver),
        ["prompt"] = prompt,
        ["model"] = null,
        ["reasoningEffort"] = null,
        ["agentsStates"] = receiver is null
            ? new JsonObject()
            : new JsonObject { [receiver] = new JsonObject { ["status"] = "running", ["message"] = null } },
    };

    /// <summary>The beginning ("entered") or the end ("exited") of a review.</summary>
    public static JsonObject ReviewMode(string id, string which, string review) =>
        new() { ["type"] = which + "ReviewMode", ["id"] = id, ["review"] = review };
}

/// <summary>How a command ended.</summary>
/// <param name="ExitCode">Its exit code; -1 when codex ended it.</param>
/// <param name="DurationMs">How long it ran.</param>
/// <param name="Output">What it wrote to stdout and stderr.</param>
internal sealed record CommandEnd(int ExitCode, long DurationMs, string Output);
