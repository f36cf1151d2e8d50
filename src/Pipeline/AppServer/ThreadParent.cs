using System.Text.Json;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>Finds the parent of a subagent's thread.</summary>
public static class ThreadParent
{
    /// <summary>The parent named by a thread object: <c>parentThreadId</c> in newer servers, in older ones
    /// <c>source.subAgent.thread_spawn.parent_thread_id</c> (<c>subagent</c> where the server's core writes it); null for a thread of its
    /// own.</summary>
    public static string? Of(JsonElement thread)
    {
        if (Text(thread, "parentThreadId") is { } parent)
            return parent;
        return thread.TryGetProperty("source", out var source)
            && source.ValueKind == JsonValueKind.Object
            && (source.TryGetProperty("subAgent", out var subAgent) || source.TryGetProperty("subagent", out subAgent))
            && subAgent.ValueKind == JsonValueKind.Object
            && subAgent.TryGetProperty("thread_spawn", out var spawn)
            && spawn.ValueKind == JsonValueKind.Object
            ? Text(spawn, "parent_thread_id")
            : null;
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
