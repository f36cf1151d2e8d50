using System.Buffers;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Commands;

namespace CodexCompanion.Tool.Jobs;

/// <summary>The workspaces below a state root, by the folders that are there.</summary>
internal static class StateWorkspaces
{
    // <slug>-<hash>: the hash is the last 16 digits.
    private const int HashDigits = 16;

    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdef");

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
            return [.. Directory.EnumerateDirectories(root).Where(folder => Parse(folder) is not null)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // No root yet, or none for us.
        }
    }

    /// <summary>Opens the state in a folder, of a workspace that may be gone: its records say where it was.</summary>
    public static IStateStore? Open(ToolHost host, string root, string folder)
    {
        if (Parse(folder) is not var (slug, hash))
            return null;
        var unnamed = host.OpenStore(host, new Workspace(folder, slug, hash), root);
        var workspaceRoot = unnamed.ListJobs().Select(job => job.WorkspaceRoot).FirstOrDefault(known => known is not null);
        return workspaceRoot is null ? unnamed : host.OpenStore(host, new Workspace(workspaceRoot, slug, hash), root);
    }

    private static (string Slug, string Hash)? Parse(string folder)
    {
        var name = Path.GetFileName(folder);
        var dash = name.Length - HashDigits - 1;
        return dash > 0 && name[dash] == '-' && name.AsSpan(dash + 1).IndexOfAnyExcept(Hexadecimal) < 0 ? (name[..dash], name[(dash + 1)..]) : null;
    }
}
