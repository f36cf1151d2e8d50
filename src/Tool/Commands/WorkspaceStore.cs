using CodexCompanion.StateStore;
using CodexCompanion.Tool.CommandLine;

namespace CodexCompanion.Tool.Commands;

/// <summary>The state of the workspace a command works in, for commands that run nothing.</summary>
internal static class WorkspaceStore
{
    /// <summary>Opens it; creates nothing.</summary>
    public static Attempt<IStateStore> Open(CommandCall call, ToolHost host)
    {
        var directory = WorkingDirectory.Of(call, host);
        if (directory.Value is not { } cwd)
            return directory.Error!;
        return StateRoot.Resolve(host.Variable) is StateRoot.At root
            ? new Attempt<IStateStore>(host.OpenStore(host, Workspace.Resolve(cwd), root.Path), Error: null)
            : CommandError.NoStateRoot((StateRoot.Refused)StateRoot.Resolve(host.Variable));
    }
}
