using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;

namespace CodexCompanion.Tool.Jobs;

/// <summary>A kind of job, by the word in its record.</summary>
/// <param name="Name">The record's <c>kind</c>.</param>
/// <param name="Rebuild">Makes the work again from what the record's <c>request</c> says. Touches no state.</param>
internal sealed record JobKind(string Name, Func<ToolHost, IStateStore, JobRecord, Attempt<IJobWork>> Rebuild);

/// <summary>Every kind of job there is. What runs a job knows none of them.</summary>
internal static class JobKinds
{
    private static readonly IReadOnlyList<JobKind> All = [TaskWork.Kind, .. Reviews.ReviewWork.Kinds];

    /// <summary>Whether a recorded job waits until nobody else writes in its tree.</summary>
    public static bool WaitsForOthers(JobRecord job) => job.Write && RecordedRequest.Of(job).Value?.Flag(RecordedRequest.Exclusive) == true;

    /// <summary>Makes a job's work again from its record.</summary>
    public static Attempt<IJobWork> Rebuild(ToolHost host, IStateStore store, JobRecord job)
    {
        // Records of the old runtime may lack the kind; then their id tells.
        var name = job.Kind ?? (job.Id.StartsWith("task-", StringComparison.Ordinal) ? TaskWork.Kind.Name : null);
        return All.FirstOrDefault(kind => string.Equals(kind.Name, name, StringComparison.Ordinal)) is { } kind
            ? kind.Rebuild(host, store, job)
            : CommandError.State($"Job {job.Id} is of a kind this version does not know ({name ?? "none"}).");
    }
}
