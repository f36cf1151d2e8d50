using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.TestProcesses;

/// <summary>The writes that tests interrupt at every point.</summary>
public static class JobActions
{
    /// <summary>How many finished jobs the index keeps there.</summary>
    public const int KeptFinished = 1;

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<string> Names { get; } = ["create", "complete", "config", "publish", "withdraw", "list", "outgrow", "remove", "end"];

    /// <summary>Performs one.</summary>
    public static void Perform(IStateStore store, string jobId, string action)
    {
        switch (action)
        {
            case "create":
                store.CreateJob(new JobRecord { Id = jobId + "2", Summary = "new" });
                break;
            case "complete":
                store.UpdateJob(jobId, job => job with { Status = JobStatus.Completed, Rendered = "new" });
                break;
            case "config":
                store.UpdateConfig(config => config with { StopReviewGate = !config.StopReviewGate });
                break;
            case "publish":
                store.PublishBroker(Broker("b2"));
                break;
            case "withdraw":
                store.WithdrawBroker("b1");
                break;
            case "list":
                store.ListJobs();
                break;
            case "outgrow":
                // With the index kept as small as the tests keep it, the second one moves what is older into the archive.
                store.CreateJob(new JobRecord { Id = jobId + "3", Status = JobStatus.Completed, CompletedAt = DateTimeOffset.UnixEpoch });
                store.CreateJob(new JobRecord { Id = jobId + "4", Status = JobStatus.Completed, CompletedAt = DateTimeOffset.UnixEpoch });
                break;
            case "remove":
                store.RemoveJobs(_ => ["task-00"]);
                break;
            case "end":
                store.EndJob(jobId, job => job with { Status = JobStatus.Completed, Rendered = "new" }, _ => ["task-00"]);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(action), action, message: null);
        }
    }

    /// <summary>A record of a broker that never ran.</summary>
    public static BrokerRecord Broker(string instanceId) => new()
    {
        InstanceId = instanceId,
        Endpoint = $"/nowhere/{instanceId}.sock",
        Process = new StateStore.Processes.ProcessIdentity(int.MaxValue, "1", BootId: null, PidNamespace: null),
        StartedAt = DateTimeOffset.UnixEpoch,
        Protocol = 1,
        ToolVersion = "0.0.0",
        Fingerprint = "f",
        LogFile = "/nowhere/log",
    };
}
