namespace CodexCompanion.Pipeline.Processes;

/// <summary>The processes that a job's turn started.</summary>
public interface ITurnProcesses
{
    /// <summary>Ends them.</summary>
    /// <param name="jobId">The job, which marks them.</param>
    /// <param name="limit">How long that may take.</param>
    /// <returns>Those that could not be ended, by PID and command; empty when none is left.</returns>
    Task<IReadOnlyList<string>> EndAsync(string jobId, TimeSpan limit);
}

/// <summary>Finds a turn's processes by the job's mark in their environment, and ends them.</summary>
/// <param name="tree">Finds them.</param>
/// <param name="ender">Ends them.</param>
public sealed class TurnProcesses(ProcessTree tree, ProcessEnder ender) : ITurnProcesses
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> EndAsync(string jobId, TimeSpan limit)
    {
        var left = await ender.EndAsync(() => tree.Marked(ProcessTree.JobVariable, jobId), limit);
        return [.. left.Select(p => p.ToString())];
    }
}
