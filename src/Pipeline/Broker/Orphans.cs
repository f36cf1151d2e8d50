using CodexCompanion.Pipeline.Processes;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>
/// Ends what an app-server left behind: its MCP servers and commands have sessions of their own and outlive it. Most carry the instance's mark and are
/// ended with their app-server; a program that cleaned its environment has none, but became the broker's child when its parent died.
/// </summary>
internal sealed class Orphans(string instanceId, ProcessTree tree, ProcessEnder ender, IProcessTable processes, BrokerLog log)
{
    // TERM, half a second, KILL: more than one round is only needed by what starts others while it is ended.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    /// <summary>Ends what became the broker's child, with all below it. Only for a moment when no app-server lives: a command that went into the
    /// background of a running turn becomes the broker's child just the same.</summary>
    public Task EndAdoptedAsync() => EndAsync(Adopted, "had lost its parent");

    /// <summary>Ends all that still lives of this broker, by mark and by descent. For its exit.</summary>
    public Task EndAllAsync() =>
        EndAsync(() => [.. Adopted().Union(tree.MarkedByPrefix(ProcessTree.InstanceVariable, instanceId + "."))], "was left behind");

    private IReadOnlyList<FoundProcess> Adopted() =>
        [.. Subreaper.Adopted(processes).SelectMany(orphan => tree.DescendantsOf(orphan.Identity.Pid).Prepend(orphan))];

    private async Task EndAsync(Func<IReadOnlyList<FoundProcess>> find, string why)
    {
        foreach (var process in find())
            log.Write($"{process} {why} and is ended");
        foreach (var process in await ender.EndAsync(find, Limit))
            log.Write($"{process} could not be ended");
    }
}
