namespace CodexCompanion.Pipeline.Processes;

/// <summary>Finds a turn's processes by the job's mark in their environment, and ends them.</summary>
/// <param name="tree">Finds them.</param>
/// <param name="ender">Ends them.</param>
public sealed class TurnProcesses(ProcessTree tree, ProcessEnder ender) : ITurnProcesses
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> EndAsync(string jobId, TimeSpan limit)
    {
        // Without a name it would be everybody's mark.
        if (jobId.Length == 0)
            return [];
        var left = await ender.EndAsync(() => tree.Marked(ProcessTree.JobVariable, jobId), limit);
        return [.. left.Select(p => p.ToString())];
    }
}
