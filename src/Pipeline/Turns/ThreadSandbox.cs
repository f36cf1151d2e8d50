using System.Text.Json;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.StateStore;

namespace CodexCompanion.Pipeline.Turns;

/// <summary>The sandbox a turn will really have, which is not always the one that was asked for.</summary>
/// <param name="Policy">What to send with the turn; undefined to send none.</param>
/// <param name="Remarks">What the user should know of it before the turn.</param>
/// <param name="Refusal">Why the turn must not run in it; null when it may.</param>
internal sealed record ThreadSandbox(JsonElement Policy, IReadOnlyList<string> Remarks, string? Refusal)
{
    /// <summary>The mode the policy belongs to; null when it is none of ours.</summary>
    public SandboxMode? Mode { get; private init; }

    /// <summary>Compares what was asked for with what the server answered.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="answered">The policy the server named in its answer to the thread call; undefined when it named none.</param>
    /// <param name="config">The resolved configuration; undefined when it could not be read.</param>
    public static ThreadSandbox Of(TurnRequest request, JsonElement answered, JsonElement config)
    {
        var sandbox = Compare(request, answered, config);
        return sandbox with { Mode = sandbox.Policy.ValueKind == JsonValueKind.Undefined ? request.Sandbox : SandboxPolicies.ModeOf(sandbox.Policy.Text("type")) };
    }

    private static ThreadSandbox Compare(TurnRequest request, JsonElement answered, JsonElement config)
    {
        var wanted = SandboxPolicies.Type(request.Sandbox);
        var named = answered.Text("type");
        // A thread that was still loaded keeps its old sandbox until a turn brings another; the reviewer's call brings none.
        var isFixed = request.Review is not null || (request.ThreadId is null && answered.ValueKind != JsonValueKind.Undefined);
        var policy = isFixed && named is not null && named != wanted ? answered : SandboxPolicies.ForTurn(request.Sandbox, answered, config);

        var effective = policy.Text("type") ?? wanted;
        if (effective != wanted && Strength(effective) < Strength(wanted))
        {
            var weaker = $"The server would run this turn in the sandbox '{effective}', which is weaker than '{wanted}'.";
            return request.SandboxIsPinned
                ? new ThreadSandbox(policy, [], weaker + " It was not run.")
                : new ThreadSandbox(policy, [$"The server runs this turn in the sandbox '{effective}', which is weaker than '{wanted}'."], Refusal: null);
        }

        if (effective != wanted)
        {
            return new ThreadSandbox(
                policy,
                [$"The server runs this turn in the sandbox '{effective}' instead of '{wanted}': an administrator's requirements allow no more."],
                Refusal: null);
        }

        // Codex keeps git's folders read-only. In a linked worktree they lie outside of what the task was given to write.
        var folders = request.Sandbox == SandboxMode.WorkspaceWrite ? LinkedWorktree.FoldersOfACommit(request.Cwd) : [];
        var remarks = new List<string>();
        if (policy.IsTrue("networkAccess"))
            remarks.Add("Commands of this turn may use the network: Codex's configuration allows it.");
        if (folders.Count > 0)
            remarks.Add($"This is a linked worktree: so that commits work, commands of this turn may write in {string.Join(", ", folders)}.");
        return new ThreadSandbox(SandboxPolicies.WithRoots(policy, folders), remarks, Refusal: null);
    }

    // What is not known is taken for the weakest.
    private static int Strength(string type) => type switch
    {
        "readOnly" => 2,
        "workspaceWrite" => 1,
        _ => 0,
    };
}
