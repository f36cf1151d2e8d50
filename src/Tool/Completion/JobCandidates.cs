using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Completion;

/// <summary>The jobs of a workspace as a shell may offer them.</summary>
internal static class JobCandidates
{
    // More than fit on a screen help nobody to choose.
    private const int Most = 30;
    private const int LongestSummary = 60;

    /// <summary>The newest jobs first. Reads only: a TAB must change nothing.</summary>
    /// <param name="host">Knows the state.</param>
    /// <param name="cwd">A directory of the workspace.</param>
    /// <param name="activeOnly">Whether finished ones are left out.</param>
    public static IEnumerable<Candidate> In(ToolHost host, string cwd, bool activeOnly)
    {
        var workspace = Workspace.Resolve(cwd);
        if (StateRoot.Resolve(host.Variable) is not StateRoot.At root)
            return [];
        var store = host.OpenStore(host, workspace, root.Path);
        if (!File.Exists(store.Paths.IndexFile))
            return [];
        return store.ListNewestJobs(sessionId: null)
            .Where(job => !activeOnly || !job.IsFinished)
            .Take(Most)
            .Select(job => new Candidate(job.Id, $"{StatusWord(job)}: {Excerpt.Of(job.Summary ?? job.Title ?? "", LongestSummary)}"));
    }

    private static string StatusWord(JobRecord job) => job.Status.ToString().ToLowerInvariant();
}
