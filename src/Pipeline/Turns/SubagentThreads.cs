using System.Text.Json;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.Turns;

/// <summary>
/// The threads that the main thread's model set to work, directly or through one of them. Their messages and completions are told, and
/// never end or replace the main turn. Servers announce them in four ways, not all of them in every version.
/// </summary>
internal sealed class SubagentThreads
{
    // What a name is cut to when the server gave the thread none.
    private const int ShortId = 8;

    private readonly Dictionary<string, string?> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _working = new(StringComparer.Ordinal);
    private string? _mainThread;

    /// <summary>Whether any of them is not known to have come to rest.</summary>
    public bool AnyWorking => _working.Count > 0;

    /// <summary>The thread they work for.</summary>
    public void MainIs(string threadId) => _mainThread = threadId;

    public bool Contains(string threadId) => _names.ContainsKey(threadId);

    /// <summary>The name a person knows it by.</summary>
    public string NameOf(string threadId) =>
        _names.GetValueOrDefault(threadId) ?? (threadId.Length > ShortId ? threadId[^ShortId..] : threadId);

    public void Works(string threadId) => _working.Add(threadId);

    public void Rests(string threadId) => _working.Remove(threadId);

    /// <summary>Looks at a <c>thread/started</c>.</summary>
    /// <returns>The thread, when it is a subagent of the main thread or of another subagent of it; else null.</returns>
    public string? Started(JsonElement thread)
    {
        if (thread.Text("id") is not { } id || id == _mainThread)
            return null;

        if (ThreadParent.Of(thread) is not { } parent || (parent != _mainThread && !Contains(parent)))
            return null;
        var spawn = ThreadParent.SpawnOf(thread);

        Add(id, thread.Text("agentNickname") ?? spawn.Text("agent_nickname") ?? thread.Text("agentRole") ?? spawn.Text("agent_role"));
        _working.Add(id);
        return id;
    }

    /// <summary>Looks at an item of the main thread or of a subagent: it may speak of subagents.</summary>
    public void Look(JsonElement item)
    {
        switch (item.Text("type"))
        {
            case "collabAgentToolCall":
                foreach (var thread in item.Texts("receiverThreadIds").Where(id => id != _mainThread))
                    Settle(thread, Rests(item.Member("agentsStates").Member(thread)));
                break;
            case "subAgentActivity" when item.Text("agentThreadId") is { } agent && agent != _mainThread:
                Settle(agent, item.Text("kind") is "completed" or "interrupted");
                Add(agent, item.Text("agentPath"));
                break;
        }
    }

    private static bool? Rests(JsonElement state) => state.Text("status") switch
    {
        null => null,
        "pendingInit" or "running" => false,
        _ => true,
    };

    private void Settle(string thread, bool? rests)
    {
        var known = Contains(thread);
        Add(thread, name: null);
        if (rests == true)
            _working.Remove(thread);
        else if (rests == false || !known)
            _working.Add(thread);
    }

    private void Add(string thread, string? name)
    {
        if (!_names.TryGetValue(thread, out var known) || known is null)
            _names[thread] = string.IsNullOrWhiteSpace(name) ? null : name;
    }
}
