using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Commands;

/// <summary><c>prune</c>: removes old finished jobs.</summary>
internal static class PruneCommand
{
    private static readonly OptionSpec DryRun = new("dry-run", OptionArity.Flag, "Only say what would be removed.");
    private static readonly OptionSpec All = new("all", OptionArity.Flag, "In every workspace, not only in this one.");

    /// <summary>The command.</summary>
    public static CommandSpec Spec { get; } = new("prune", "Remove old finished jobs; never an active one.")
    {
        Options = [DryRun, All],
        Run = RunAsync,
        Examples = ["codex-companion prune --dry-run", "codex-companion prune --all"],
    };

    private static async Task<int> RunAsync(CommandCall call, ToolHost host)
    {
        var opened = JobScope.Open(call, host);
        if (opened.Value is not { } scope)
            return Reporter.Fail(host.Streams, opened.Error!, call.Json);
        var stores = call.Options.Has(All)
            ? StateWorkspaces.Folders(scope.Store.Paths.Root).Select(folder => StateWorkspaces.Open(host, scope.Store.Paths.Root, folder)).OfType<IStateStore>()
            : [scope.Store];
        var workspaces = new List<PrunedJson>();
        try
        {
            foreach (var store in stores)
            {
                var jobs = await scope.Reconciler.AllAsync(store);
                var removed = Prune(store, jobs, host.Time.GetUtcNow(), call.Options.Has(DryRun));
                workspaces.Add(new PrunedJson(store.Workspace.Root, removed, jobs.Count - removed.Count));
            }
        }
        catch (StateStoreException refused)
        {
            return Reporter.Fail(host.Streams, CommandError.State(refused), call.Json);
        }

        var shown = new PruneJson(call.Options.Has(DryRun), workspaces);
        Reporter.TryPrint(host.Streams, call.Json ? JsonText.Line(shown, ToolJson.Default.PruneJson) + "\n" : Text(shown));
        return ExitCodes.Done;
    }

    private static IReadOnlyList<string> Prune(IStateStore store, IReadOnlyList<JobRecord> jobs, DateTimeOffset now, bool dryRun)
    {
        if (JobRetention.Expired(jobs, now) is not { Count: > 0 } expired || dryRun)
            return JobRetention.Expired(jobs, now);
        // Chosen again under the lock: somebody may have collected or removed one meanwhile.
        return [.. store.RemoveJobs(current => JobRetention.Expired(current, now)).Select(job => job.Id)];
    }

    private static string Text(PruneJson shown)
    {
        var verb = shown.DryRun ? "would be removed" : "removed";
        return string.Concat(shown.Workspaces.Select(workspace =>
            $"{workspace.Workspace}: {workspace.Removed.Count} {verb}, {workspace.Kept} kept.\n"
            + string.Concat(workspace.Removed.Select(id => $"  {id}\n"))));
    }
}
