using System.Text.Json;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.Turns;

/// <summary>What a turn has brought so far, item by item. The same for items as they happen and for items read back from a thread.</summary>
internal sealed class TurnLedger(string cwd)
{
    private readonly TouchedFiles _files = new(cwd);
    private readonly List<string> _commandOrder = [];
    private readonly Dictionary<string, TurnCommand> _commands = new(StringComparer.Ordinal);
    private readonly HashSet<string> _reasoned = new(StringComparer.Ordinal);
    private readonly List<string> _reasoning = [];
    private readonly SandboxFailures _sandbox = new();
    private JsonElement? _usage;
    private string? _review;

    /// <summary>The last message of the main thread.</summary>
    public string FinalText { get; private set; } = "";

    /// <summary>The model, where the server moved the turn to another.</summary>
    public string? Model { get; set; }

    /// <summary>The sentence of a sandbox that let no command run; null when commands ran or there were none.</summary>
    public string? SandboxFailure => _sandbox.Sentence;

    /// <summary>The server resolved the working directory to another path (a symbolic link).</summary>
    public void AlsoBelow(string directory) => _files.AlsoBelow(directory);

    /// <summary>An item of the main thread started.</summary>
    public void Start(JsonElement item)
    {
        if (item.Text("type") == "commandExecution")
            TakeCommand(item);
    }

    /// <summary>An item of the main thread was completed. May be told twice of the same item.</summary>
    public void Complete(JsonElement item)
    {
        switch (item.Text("type"))
        {
            case "agentMessage" when item.Text("text") is { Length: > 0 } text:
                FinalText = text;
                break;
            case "commandExecution":
                TakeCommand(item);
                _sandbox.Look(item);
                break;
            case "fileChange":
                _files.Take(item);
                break;
            case "reasoning" when _reasoned.Add(item.Text("id") ?? "") || item.Text("id") is null:
                _reasoning.AddRange(Summaries(item));
                break;
            case "exitedReviewMode":
                _review = item.Text("review") ?? _review;
                break;
        }
    }

    /// <summary>An item of a subagent was completed: of those only the files count.</summary>
    public void CompleteOfSubagent(JsonElement item)
    {
        if (item.Text("type") == "fileChange")
            _files.Take(item);
    }

    /// <summary>The server's last count of tokens; null while it has sent none.</summary>
    public JsonElement? Usage => _usage;

    /// <summary>Takes the server's count over.</summary>
    public void Count(JsonElement usage) => _usage = usage.ValueKind == JsonValueKind.Undefined ? _usage : usage;

    /// <summary>All of it.</summary>
    public TurnResult Result() => new()
    {
        FinalText = FinalText,
        Model = Model,
        TouchedFiles = _files.ToList(),
        Commands = [.. _commandOrder.Select(id => _commands[id])],
        ReasoningSummary = [.. _reasoning],
        Usage = _usage,
        Review = _review,
    };

    /// <summary>The summaries of a reasoning item that say something.</summary>
    public static IEnumerable<string> Summaries(JsonElement item) => item.Texts("summary").Where(s => !string.IsNullOrWhiteSpace(s));

    private void TakeCommand(JsonElement item)
    {
        var id = item.Text("id") ?? $"#{_commandOrder.Count}";
        if (!_commands.ContainsKey(id))
            _commandOrder.Add(id);
        _commands[id] = new TurnCommand(item.Text("command") ?? "", item.Number("exitCode"), item.Text("status") ?? "inProgress");
    }
}
