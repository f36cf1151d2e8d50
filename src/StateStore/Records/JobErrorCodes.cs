namespace CodexCompanion.StateStore.Records;

/// <summary>Error codes of jobs that the store itself knows.</summary>
public static class JobErrorCodes
{
    /// <summary>The worker went away without recording an end. The one failure that recovery may turn into a completion.</summary>
    public const string WorkerLost = "worker-lost";
}
