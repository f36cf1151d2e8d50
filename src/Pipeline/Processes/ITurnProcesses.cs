namespace CodexCompanion.Pipeline.Processes;

/// <summary>The processes a turn started. An interrupt ends the turn, not them.</summary>
public interface ITurnProcesses
{
    /// <summary>Ends the processes that carry a job's mark in their environment, each by its identity.</summary>
    /// <param name="jobId">The job, as <c>CODEX_COMPANION_JOB</c> names it.</param>
    /// <param name="limit">How long it may take.</param>
    /// <returns>What could not be ended, by PID and command; empty when none is left.</returns>
    Task<IReadOnlyList<string>> EndAsync(string jobId, TimeSpan limit);
}
