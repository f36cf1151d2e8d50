using CodexCompanion.Pipeline.Processes;

namespace CodexCompanion.Tool.Doctor.Legacy;

/// <summary>
/// App-servers of the Node runtime that outlived whoever started them. The Node runtime starts its brokers and background workers each in a session
/// of its own, and their app-servers stay in it: while the session goes on, the system gives its number to nobody else, so that no process
/// with that number proves the starter gone. Nobody else has the app-server's stdin and stdout, so nobody can use it any more.
/// </summary>
internal static class LegacyServers
{
    private const string SubCommand = "app-server";
    private const string DataVariable = "CLAUDE_PLUGIN_DATA";

    /// <summary>Those that are proved to be orphans, with what they started.</summary>
    public static IReadOnlyList<FoundProcess> Orphaned(DoctorSite site)
    {
        var tree = new ProcessTree(site.Processes);
        return
        [
            .. tree.Called(SubCommand)
                .Where(p => IsAppServer(p.Arguments) && IsTheirs(site, tree, p.Process) && tree.HasLostItsSession(p.Process.Identity))
                .SelectMany(p => (IEnumerable<FoundProcess>)[p.Process, .. tree.DescendantsOf(p.Process.Identity.Pid)])
                .DistinctBy(p => p.Identity),
        ];
    }

    // "codex app-server", or a launcher's "node …/codex.js app-server"; with more behind it, it is not one of theirs.
    private static bool IsAppServer(IReadOnlyList<string> arguments) =>
        arguments is [.., var program, SubCommand] && Path.GetFileNameWithoutExtension(program) == "codex";

    // The session's variables come from the plugin's own hook: its data folder. Ours carry our mark, and not that variable.
    private static bool IsTheirs(DoctorSite site, ProcessTree tree, FoundProcess process) =>
        tree.Variable(process, ProcessTree.InstanceVariable) is null
        && tree.Variable(process, DataVariable) is { } data
        && LegacyPlaces.IsPluginData(site, data);
}
