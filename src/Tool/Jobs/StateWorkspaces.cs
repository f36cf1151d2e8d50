using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Commands;

namespace CodexCompanion.Tool.Jobs;

/// <summary>The workspaces below a state root, by the folders that are there.</summary>
internal static class StateWorkspaces
{
    /// <summary>The state that holds a job's record; null when none does. Looks at names only, so that 200 workspaces cost nothing.</summary>
    public static IStateStore? WithJob(ToolHost host, string root, string jobId)
    {
        if (!JobIds.IsValid(jobId))
            return null;
        foreach (var folder in Folders(root))
        {
            if (File.Exists(Path.Combine(folder, "jobs", jobId + ".json")) && Open(host, root, folder) is { } store)
                return store;
        }

        return null;
    }

    /// <summary>The folders of the workspaces below a root; none when it cannot be read.</summary>
    public static IReadOnlyList<string> Folders(string root)
    {
        try
        {
            return [.. Directory.EnumerateDirectories(root).Where(folder => WorkspaceFolders.Parse(Path.GetFileName(folder)) is not null)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // No root yet, or none for us.
        }
    }

    /// <summary>Opens the state in a folder, of a workspace that may be gone: its records say where it was.</summary>
    public static IStateStore? Open(ToolHost host, string root, string folder)
    {
        if (WorkspaceFolders.Parse(Path.GetFileName(folder)) is not { } workspace)
            return null;
        var unnamed = host.OpenStore(host, workspace with { Root = folder }, root);
        var workspaceRoot = unnamed.ListNewestJobs(sessionId: null).Select(job => job.WorkspaceRoot).FirstOrDefault(known => known is not null);
        return workspaceRoot is null ? unnamed : host.OpenStore(host, workspace with { Root = workspaceRoot }, root);
    }
}
