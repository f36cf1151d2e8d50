using System.Text.Json;

namespace CodexCompanion.EndToEnd.Tests.Model;

/// <summary>What the stub reads from one request of codex: the prompt that is being answered, and how far its turn has come.</summary>
internal sealed record Conversation
{
    // How the tool begins a prompt that goes on with a lost turn.
    private const string Continuation = "codex-companion: continuation";

    /// <summary>The newest message of the user; context that codex itself writes under the user's name does not count.</summary>
    public required string Prompt { get; init; }

    /// <summary>Tool calls of this turn that have come to an end.</summary>
    public required int FinishedCalls { get; init; }

    /// <summary>The running command codex told about in the newest tool output, which is to be waited for; null when there is none.</summary>
    public required int? RunningSession { get; init; }

    /// <summary>
    /// The edits and the reply of an earlier prompt whose turn was lost, and which this prompt goes on with: it was never answered, or this prompt says so. Empty
    /// when it made no edit, and when the prompt is that same prompt sent again: a blind repetition gets what it asks for, and the test sees the edit twice.
    /// </summary>
    public required IReadOnlyList<Directive> LostWork { get; init; }

    /// <summary>The shell tool this version of codex offers.</summary>
    public required ShellTool? Shell { get; init; }

    /// <summary>Whether the caller asked for an answer in a schema of its own.</summary>
    public required bool HasSchema { get; init; }

    /// <summary>The model that was asked for.</summary>
    public required string Model { get; init; }

    /// <summary>All prompts in the thread's history, oldest first.</summary>
    public required IReadOnlyList<string> Prompts { get; init; }

    public static Conversation Read(JsonElement request)
    {
        var items = request.GetProperty("input").EnumerateArray().ToList();
        var prompts = new List<(int Index, string Text)>();
        for (var i = 0; i < items.Count; i++)
            if (UserText(items[i]) is { } text)
                prompts.Add((i, text));

        var (at, prompt) = prompts.Count > 0 ? prompts[^1] : (-1, "");
        var outputs = items.Skip(at + 1).Where(IsToolOutput).Select(ToolOutput).ToList();
        var running = outputs.Count > 0 ? ShellTool.RunningSession(outputs[^1]) : null;
        return new Conversation
        {
            Prompt = prompt,
            FinishedCalls = outputs.Count(output => ShellTool.RunningSession(output) is null),
            RunningSession = running,
            LostWork = prompts.Count > 1 ? LostBefore(items, prompts[^2], prompts[^1]) : [],
            Shell = ShellTool.Find(request),
            HasSchema = request.TryGetProperty("text", out var form) && form.ValueKind == JsonValueKind.Object && form.TryGetProperty("format", out _),
            Model = request.TryGetProperty("model", out var model) ? model.GetString() ?? "" : "",
            Prompts = [.. prompts.Select(p => p.Text)],
        };
    }

    private static IReadOnlyList<Directive> LostBefore(List<JsonElement> items, (int Index, string Text) earlier, (int Index, string Text) current)
    {
        var answered = items.Skip(earlier.Index + 1).Take(current.Index - earlier.Index - 1).Any(item => Kind(item) is "message" && Role(item) is "assistant");
        var work = Directive.Parse(earlier.Text).Where(directive => directive is Directive.Edit or Directive.Reply).ToList();
        var isRepeated = string.Equals(earlier.Text, current.Text, StringComparison.Ordinal);
        var isLost = !answered || current.Text.StartsWith(Continuation, StringComparison.Ordinal); // Killed between the last word and the end of the turn.
        return isLost && !isRepeated && work.Exists(directive => directive is Directive.Edit) ? work : [];
    }

    private static string? UserText(JsonElement item)
    {
        if (Kind(item) is not "message" || Role(item) is not "user")
            return null;

        var text = string.Concat(item.GetProperty("content").EnumerateArray().Where(part => Kind(part) is "input_text").Select(part => part.GetProperty("text").GetString()));
        // codex writes its own context as messages of the user: <environment_context>, <turn_aborted>, "# AGENTS.md instructions" and the like.
        return text.StartsWith('<') || text.StartsWith("# AGENTS.md", StringComparison.Ordinal) ? null : text;
    }

    private static bool IsToolOutput(JsonElement item) => Kind(item) is "function_call_output" or "custom_tool_call_output";

    private static string ToolOutput(JsonElement item) => item.TryGetProperty("output", out var output) ? output.ToString() : "";

    private static string Kind(JsonElement item) => item.TryGetProperty("type", out var type) ? type.GetString() ?? "" : "";

    private static string Role(JsonElement item) => item.TryGetProperty("role", out var role) ? role.GetString() ?? "" : "";
}
