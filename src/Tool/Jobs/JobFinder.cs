using CodexCompanion.StateStore;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;

namespace CodexCompanion.Tool.Jobs;

/// <summary>Finds a job by its id, from anywhere: ids are unique across workspaces. The begin of an id will do within its own workspace.</summary>
internal sealed class JobFinder(ToolHost host)
{
    // Naming more of them would not help anybody to choose.
    private const int MostNamed = 5;

    /// <summary>Finds it.</summary>
    /// <param name="here">The state of this workspace.</param>
    /// <param name="id">The id, or its begin.</param>
    public Attempt<FoundJob> Find(IStateStore here, string id)
    {
        // It is the begin of every id, and what a script passes whose variable is not set.
        if (id.Length == 0)
            return CommandError.Usage("A job's id is empty.", "Leave the word out to mean the newest job that fits.");
        var read = here.ReadJob(id);
        if (read.Value is { } job)
            return new FoundJob(here, job);
        if (read.Kind != StateReadKind.Missing)
            return CommandError.State($"The record of {id} cannot be used: {read.Detail}");
        if (StateWorkspaces.WithJob(host, here.Paths.Root, id) is { } elsewhere)
        {
            var found = elsewhere.ReadJob(id);
            return found.Value is { } other ? new FoundJob(elsewhere, other) : CommandError.State($"The record of {id} cannot be used: {found.Detail}");
        }

        // The index may know jobs of the old runtime that have no file.
        var fitting = here.ListJobs().Where(entry => entry.Id.StartsWith(id, StringComparison.Ordinal)).ToList();
        return fitting switch
        {
            [var only] => new FoundJob(here, here.ReadJob(only.Id).Value ?? only),
            [] => CommandError.NothingMatched($"There is no job {id}."),
            _ when fitting.Find(entry => entry.Id == id) is { } exact => new FoundJob(here, exact),
            _ => CommandError.NothingMatched(
                $"\"{id}\" fits {fitting.Count} jobs: {string.Join(", ", fitting.Take(MostNamed).Select(entry => entry.Id))}{(fitting.Count > MostNamed ? ", …" : "")}."),
        };
    }
}
