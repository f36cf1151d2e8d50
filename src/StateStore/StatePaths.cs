using CodexCompanion.StateStore.Records;

namespace CodexCompanion.StateStore;

/// <summary>Where the state of one workspace lies.</summary>
/// <param name="Root">The state root of the user.</param>
/// <param name="Directory">The workspace's directory in it, <c>&lt;slug&gt;-&lt;hash&gt;</c>.</param>
public sealed record StatePaths(string Root, string Directory)
{
    /// <summary>The paths of a workspace below a state root.</summary>
    public static StatePaths For(string root, Workspace workspace) => new(root, Path.Combine(root, $"{workspace.Slug}-{workspace.Hash}"));

    /// <summary>Pointer to the broker.</summary>
    public string BrokerFile => Path.Combine(Directory, "broker.json");

    /// <summary>Settings of the workspace.</summary>
    public string ConfigFile => Path.Combine(Directory, "config.json");

    /// <summary>Index of the jobs.</summary>
    public string IndexFile => Path.Combine(Directory, "jobs.json");

    /// <summary>Entries of finished jobs that the index has outgrown.</summary>
    public string ArchiveFile => Path.Combine(Directory, "jobs-archive.json");

    /// <summary>What reviews found, and what became of it.</summary>
    public string FindingsFile => Path.Combine(Directory, "findings.json");

    /// <summary>One record and one log for each job; nothing else.</summary>
    public string JobsDirectory => Path.Combine(Directory, "jobs");

    /// <summary>Results that were too long for whoever asked, a text each.</summary>
    public string ResultsDirectory => Path.Combine(Directory, "results");

    /// <summary>Lock files and the names of their holders.</summary>
    public string LocksDirectory => Path.Combine(Directory, "locks");

    /// <summary>What was set aside.</summary>
    public string QuarantineDirectory => Path.Combine(Directory, "quarantine");

    /// <summary>Logs of the brokers.</summary>
    public string LogsDirectory => Path.Combine(Directory, "logs");

    /// <summary>Record of a job.</summary>
    /// <exception cref="ArgumentException">The id is not one (<see cref="JobIds.IsValid"/>); it never leads out of the folder.</exception>
    public string JobFile(string id) => Path.Combine(JobsDirectory, Checked(id) + ".json");

    /// <summary>Log of a job.</summary>
    /// <exception cref="ArgumentException">The id is not one.</exception>
    public string JobLog(string id) => Path.Combine(JobsDirectory, Checked(id) + ".log");

    /// <summary>The result of a job as a text of its own; only of some jobs.</summary>
    /// <exception cref="ArgumentException">The id is not one.</exception>
    public string ResultText(string id) => Path.Combine(ResultsDirectory, Checked(id) + ".md");

    /// <summary>Lock file of the workspace for a purpose. Never deleted.</summary>
    public string LockFile(StateLock which) => Path.Combine(LocksDirectory, which switch
    {
        StateLock.State => "state.lock",
        StateLock.Start => "start.lock",
        StateLock.Broker => "broker.lock",
        _ => throw new ArgumentOutOfRangeException(nameof(which)),
    });

    /// <summary>Lock file of whoever is next to get the state lock. Never deleted.</summary>
    public string StateQueueFile => Path.Combine(LocksDirectory, "state-queue.lock");

    /// <summary>Lock file of one broker instance.</summary>
    /// <exception cref="ArgumentException">The instance id has other characters than letters and digits.</exception>
    public string InstanceLockFile(string instanceId)
    {
        if (!BrokerRecord.IsValidInstanceId(instanceId))
            throw new ArgumentException($"\"{instanceId}\" is not a broker instance.", nameof(instanceId));
        return Path.Combine(LocksDirectory, $"instance-{instanceId}.lock");
    }

    private static string Checked(string id) =>
        JobIds.IsValid(id) ? id : throw new ArgumentException($"\"{id}\" is not a job id.", nameof(id));
}
