using System.Text.Json;

namespace CodexCompanion.Tool.Hooks;

/// <summary>What the host tells a hook, as far as it could be read. Every member may be missing; unknown ones do not matter.</summary>
internal sealed record HookInput
{
    private static readonly JsonDocumentOptions Tolerant = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 256 };

    /// <summary>The session the event is about.</summary>
    public string? SessionId { get; private init; }

    /// <summary>The session's transcript, a JSONL file.</summary>
    public string? TranscriptPath { get; private init; }

    /// <summary>The directory the session works in.</summary>
    public string? Cwd { get; private init; }

    /// <summary>Whether the session goes on because a stop hook held it up before.</summary>
    public bool StopHookActive { get; private init; }

    /// <summary>The subagent the event is about; null for the session itself.</summary>
    public string? AgentId { get; private init; }

    /// <summary>What the model said last.</summary>
    public string? LastAssistantMessage { get; private init; }

    /// <summary>Why there is less here than there should be; null when the input was fine, or when there was none at all.</summary>
    public string? Problem { get; private init; }

    /// <summary>Understands the bytes of an input.</summary>
    public static HookInput Of(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Span.StartsWith("\uFEFF"u8))
            bytes = bytes[3..];
        if (bytes.Span.IndexOfAnyExcept(" \t\r\n\0"u8) < 0)
            return new HookInput();
        try
        {
            using var document = JsonDocument.Parse(bytes, Tolerant);
            return document.RootElement.ValueKind == JsonValueKind.Object ? Of(document.RootElement) : Bad("is no JSON object");
        }
        catch (JsonException)
        {
            return Bad("is not valid JSON");
        }
    }

    /// <summary>An input that could not be used.</summary>
    public static HookInput Bad(string what) => new() { Problem = $"The hook's input {what}." };

    private static HookInput Of(JsonElement root) => new()
    {
        SessionId = Text(root, "session_id"),
        TranscriptPath = Text(root, "transcript_path"),
        Cwd = Text(root, "cwd"),
        StopHookActive = root.TryGetProperty("stop_hook_active", out var active) && active.ValueKind == JsonValueKind.True,
        AgentId = Text(root, "agent_id"),
        LastAssistantMessage = Text(root, "last_assistant_message"),
    };

    private static string? Text(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.String)
            return null;
        try
        {
            return value.GetString() is { Length: > 0 } text ? text : null;
        }
        catch (InvalidOperationException)
        {
            return null; // Half a surrogate pair: no text, so as good as missing.
        }
    }
}
