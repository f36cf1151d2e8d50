using System.IO.Abstractions;
using CodexCompanion.StateStore;
using CodexCompanion.Tool.Jobs;

namespace CodexCompanion.Tool.Commands;

/// <summary>Links the commands to the real state and the real pipeline.</summary>
internal static class Wiring
{
    /// <summary>The state of a workspace, in files.</summary>
    public static IStateStore OpenStore(ToolHost host, Workspace workspace, string root) =>
        new FileStateStore(new FileSystem(), workspace, StatePaths.For(root, workspace), host.Processes(), host.Time);

    /// <summary>The pipeline.</summary>
    public static ITurnRun CreateRun(ToolHost host, TurnRunSetup setup) =>
        throw new NotSupportedException("The pipeline is linked in with the next change.");
}
