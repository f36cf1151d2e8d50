using System.Text.Json;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>Finds the parent of a subagent's thread.</summary>
internal static class ThreadParent
{
    /// <summary>The parent named by a thread object: <c>parentThreadId</c> in newer servers, in older ones
    /// <c>parent_thread_id</c> of its spawn; null for a thread of its own.</summary>
    public static string? Of(JsonElement thread) => thread.Text("parentThreadId") ?? SpawnOf(thread).Text("parent_thread_id");

    /// <summary>What a thread object tells of its spawn, in snake case: <c>source.subAgent.thread_spawn</c> (<c>subagent</c> where the server's core
    /// writes it); undefined for a thread of its own.</summary>
    public static JsonElement SpawnOf(JsonElement thread)
    {
        var source = thread.Member("source");
        var subagent = source.Member("subAgent");
        return (subagent.ValueKind == JsonValueKind.Undefined ? source.Member("subagent") : subagent).Member("thread_spawn");
    }
}
