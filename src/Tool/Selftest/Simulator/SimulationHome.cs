namespace CodexCompanion.Tool.Selftest.Simulator;

/// <summary>The files the simulated app-server keeps below its <c>CODEX_HOME</c>.</summary>
/// <param name="Root">The folder named by <c>CODEX_HOME</c>.</param>
internal sealed record SimulationHome(string Root)
{
    /// <summary>The script. Its presence is what turns <c>codex-companion app-server</c> into the simulated one.</summary>
    public string ScriptFile => Path.Combine(Root, "simulation.json");

    /// <summary>Everything the simulation writes: deleting this folder forgets all threads and the journal.</summary>
    public string DataFolder => Path.Combine(Root, "simulation");

    /// <summary>What was imported from another agent; codex keeps it under this name.</summary>
    public string ImportsFile => Path.Combine(Root, "external_agent_session_imports.json");

    /// <summary>One rollout and one lock file per thread.</summary>
    public string ThreadsFolder => Path.Combine(DataFolder, "threads");

    /// <summary>What every simulated server below this home has done, one event a line.</summary>
    public string JournalFile => Path.Combine(DataFolder, "journal.jsonl");

    /// <summary>One file per firing of a fault that may fire only so often over all processes.</summary>
    public string ClaimsFolder => Path.Combine(DataFolder, "claims");

    /// <summary>The recorded history of one thread.</summary>
    public string RolloutFile(string threadId) => Path.Combine(ThreadsFolder, threadId + ".jsonl");

    /// <summary>Held open, exclusively, by the one live server that has the thread loaded.</summary>
    public string WriterLockFile(string threadId) => Path.Combine(ThreadsFolder, threadId + ".lock");
}
