using System.Globalization;
using System.Text.Json;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.Turns;

/// <summary>Tells a person, in lines and in blocks for the job's log, what the items of a turn mean.</summary>
internal sealed class TurnNarrator(RunEvents run)
{
    private bool _edited;

    /// <summary>An item of the main thread started.</summary>
    public void Started(JsonElement item)
    {
        switch (item.Text("type"))
        {
            case "commandExecution":
                var command = ProgressText.Command(item.Text("command") ?? "");
                run.Progress(_edited && ProgressText.LooksLikeCheck(command) ? "verifying" : _edited ? "running" : "investigating", $"Running: {command}");
                break;
            case "fileChange":
                _edited = true;
                run.Progress("editing", $"Editing {Files(item)}.");
                break;
            case "mcpToolCall":
                run.Progress("investigating", $"Calling {item.Text("server")}/{item.Text("tool")}.");
                break;
            case "dynamicToolCall":
                run.Progress("investigating", $"Calling the tool {item.Text("tool")}.");
                break;
            case "collabAgentToolCall":
                run.Progress("delegating", CollabLine(item));
                break;
            case "webSearch":
                run.Progress("investigating", item.Text("query") is { Length: > 0 } query ? $"Searching the web: {ProgressText.OneLine(query)}" : "Searching the web.");
                break;
            case "enteredReviewMode":
                run.Progress("reviewing", "The reviewer started.");
                break;
            case "contextCompaction":
                run.Progress(null, "Compacting the context.");
                break;
        }
    }

    /// <summary>An item of the main thread was completed.</summary>
    public void Completed(JsonElement item)
    {
        switch (item.Text("type"))
        {
            case "commandExecution":
                run.Progress(null, CommandLine(item));
                break;
            case "fileChange":
                run.Progress(null, item.Text("status") is "failed" or "declined" ? $"The edit of {Files(item)} was not made." : $"Edited {Files(item)}.");
                break;
            case "mcpToolCall" when item.Text("status") == "failed":
                run.Progress(null, $"{item.Text("server")}/{item.Text("tool")} failed.");
                break;
            case "agentMessage" when item.Text("text") is { Length: > 0 } text:
                run.Progress("finalizing", $"Message: {ProgressText.OneLine(text)}");
                run.Block("Assistant message", text);
                break;
            case "reasoning" when Summary(item) is { Length: > 0 } summary:
                run.Progress(null, $"Reasoning: {ProgressText.OneLine(summary)}");
                run.Block("Reasoning summary", summary);
                break;
            case "exitedReviewMode" when item.Text("review") is { Length: > 0 } review:
                run.Progress("finalizing", "The reviewer finished.");
                run.Block("Review output", review);
                break;
        }
    }

    /// <summary>An item of a subagent was completed.</summary>
    public void SubagentCompleted(string name, JsonElement item)
    {
        switch (item.Text("type"))
        {
            case "agentMessage" when item.Text("text") is { Length: > 0 } text:
                run.Progress(null, $"Subagent {name}: {ProgressText.OneLine(text)}");
                run.Block($"Subagent {name} message", text);
                break;
            case "reasoning" when Summary(item) is { Length: > 0 } summary:
                run.Block($"Subagent {name} reasoning summary", summary);
                break;
        }
    }

    private static string Summary(JsonElement item) => string.Join('\n', TurnLedger.Summaries(item));

    private static string CommandLine(JsonElement item)
    {
        var command = ProgressText.Command(item.Text("command") ?? "");
        return (item.Text("status"), item.Number("exitCode")) switch
        {
            ("declined", _) => $"Not allowed: {command}",
            (_, { } code) => string.Create(CultureInfo.InvariantCulture, $"Exit code {code}: {command}"),
            _ => $"Ended: {command}",
        };
    }

    private static string CollabLine(JsonElement item) => item.Text("tool") switch
    {
        "spawnAgent" => "Starting a subagent.",
        "wait" => "Waiting for subagents.",
        "closeAgent" => "Closing a subagent.",
        _ => "Talking to a subagent.",
    };

    private static string Files(JsonElement item)
    {
        var names = item.Items("changes").Select(c => Path.GetFileName(c.Text("path") ?? "")).Where(n => n.Length > 0).ToList();
        return names switch
        {
            [] => "files",
            [var one] => one,
            [var one, var two] => $"{one} and {two}",
            [var one, ..] => string.Create(CultureInfo.InvariantCulture, $"{one} and {names.Count - 1} more files"),
        };
    }
}
