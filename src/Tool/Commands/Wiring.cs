using System.IO.Abstractions;
using CodexCompanion.Pipeline;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.StateStore;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Jobs;

namespace CodexCompanion.Tool.Commands;

/// <summary>Links the commands to the real state and the real pipeline.</summary>
internal static class Wiring
{
    /// <summary>The state of a workspace, in files.</summary>
    public static IStateStore OpenStore(ToolHost host, Workspace workspace, string root) =>
        new FileStateStore(new FileSystem(), workspace, StatePaths.For(root, workspace), host.Processes(), host.Time);

    /// <summary>The pipeline.</summary>
    public static ITurnRun CreateRun(ToolHost host, TurnRunSetup setup) => new PipelineRun(host, setup);

    /// <summary>What the pipeline must know of this program.</summary>
    public static CompanionSetup PipelineSetup(ToolHost host, string stateRoot, TimeLimits limits, string? codexPath, ServerRequestRules? rules = null)
    {
        var program = host.Program();
        return new CompanionSetup
        {
            ToolVersion = ToolVersion.Text,
            ProgramPath = program.Path,
            ProgramArguments = program.LeadingArguments,
            StateRoot = stateRoot,
            Environment = host.Variables,
            CodexPath = codexPath,
            Limits = limits,
            ServerRequests = rules ?? new ServerRequestRules(),
        };
    }
}
