using System.IO.Enumeration;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.Tool.Doctor.Legacy;

/// <summary>Where the Node runtime keeps things: sockets of its brokers in temp, states in the plugin's data folder or in temp.</summary>
internal static class LegacyPlaces
{
    private const string SocketPrefix = "cxc-";
    private const string StateFolder = "codex-companion";
    private const string PluginNames = "*codex*";

    /// <summary>The folders of its brokers, ours only, links not followed.</summary>
    public static IReadOnlyList<string> BrokerFolders(DoctorSite site) => [.. Below(Temp(site), SocketPrefix + "*").Where(path => IsOurFolder(site, path))];

    /// <summary>The folders that hold its states, one a workspace in each.</summary>
    public static IReadOnlyList<string> StateRoots(DoctorSite site)
    {
        var roots = new List<string> { Path.Combine(Temp(site), StateFolder) };
        if (ClaudeFolder.Of(site) is { } claude)
            roots.AddRange(Below(DataFolder(claude), PluginNames).Select(plugin => Path.Combine(plugin, "state")));
        return [.. roots.Where(path => IsOurFolder(site, path) && path != site.Root)];
    }

    /// <summary>The states in those folders, with the names of their workspaces as ours have them.</summary>
    public static IReadOnlyList<(string Root, Workspace Workspace)> States(DoctorSite site)
    {
        var found = new List<(string, Workspace)>();
        foreach (var root in StateRoots(site))
        {
            try
            {
                found.AddRange(WorkspaceFolders.In(root).Select(workspace => (root, workspace)));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Not ours to read, so nothing of ours is in it.
            }
        }

        return found;
    }

    /// <summary>Whether a path is the data folder of such a plugin, whether it is there or not.</summary>
    public static bool IsPluginData(DoctorSite site, string path) =>
        ClaudeFolder.Of(site) is { } claude
        && Path.TrimEndingDirectorySeparator(path) is var folder
        && Path.GetDirectoryName(folder) == DataFolder(claude)
        && FileSystemName.MatchesSimpleExpression(PluginNames, Path.GetFileName(folder), ignoreCase: false);

    private static string DataFolder(string claude) => Path.Combine(claude, "plugins", "data");

    private static string Temp(DoctorSite site) => SystemTemp.Of(site.Host.Variable);

    private static bool IsOurFolder(DoctorSite site, string path) =>
        site.Look(path) is { Kind: FileKind.Directory } facts && (facts.Owner is null || facts.Owner == site.Disk.User);

    private static string[] Below(string folder, string pattern)
    {
        try
        {
            return Directory.Exists(folder) ? [.. Directory.GetDirectories(folder, pattern).Order(StringComparer.Ordinal)] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
