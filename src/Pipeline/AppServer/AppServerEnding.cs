using CodexCompanion.Pipeline.Processes;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>Ends one app-server, politely first, and then what it left behind.</summary>
/// <param name="instanceId">Marks what it started.</param>
/// <param name="tree">Finds that.</param>
/// <param name="ender">Ends that.</param>
/// <param name="time">The clock.</param>
internal sealed class AppServerEnding(string instanceId, ProcessTree tree, ProcessEnder ender, TimeProvider time)
{
    // A healthy one exits 40 ms after the end of its input; a loaded machine needs more. One that hangs is asked once more, then killed.
    private static readonly TimeSpan OnEndOfInput = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan OnRequest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan OnKill = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Descendants = TimeSpan.FromSeconds(2);

    /// <summary>Does it, within the sum of the limits above.</summary>
    public async Task EndAsync(ChildProcess child)
    {
        // Its children become somebody else's when it ends; those that dropped our mark could not be found any more.
        var descendants = child.Exited.IsCompleted ? [] : tree.DescendantsOf(child.Pid);
        child.EndInput();
        if (!await HasExitedAsync(child, OnEndOfInput))
        {
            child.Terminate();
            if (!await HasExitedAsync(child, OnRequest))
            {
                child.Kill();
                await HasExitedAsync(child, OnKill);
            }
        }

        await ender.EndAsync(
            () => [.. ender.LivingOf(descendants).Union(tree.Marked(ProcessTree.InstanceVariable, instanceId))], Descendants);
    }

    private async Task<bool> HasExitedAsync(ChildProcess child, TimeSpan limit)
    {
        await Task.WhenAny(child.Exited, Task.Delay(limit, time));
        return child.Exited.IsCompleted;
    }
}
