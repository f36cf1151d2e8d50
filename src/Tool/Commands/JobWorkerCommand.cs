using CodexCompanion.StateStore;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Commands;

/// <summary><c>job-worker</c>: the process behind a background job. Started by the launcher, not by people.</summary>
internal static class JobWorkerCommand
{
    /// <summary>Name of the command.</summary>
    public const string Name = "job-worker";

    private static readonly OptionSpec WorkspaceRoot = new("workspace", OptionArity.Value, "Root of the workspace.");
    private static readonly OptionSpec Job = new("job", OptionArity.Value, "The job to run.");

    /// <summary>The command.</summary>
    public static CommandSpec Spec { get; } = new(Name, "Run a recorded job (internal).")
    {
        Options = [WorkspaceRoot, Job],
        Hidden = true,
        Run = RunAsync,
        Examples =
        [
            "codex-companion job-worker --workspace . --job task-mhz1k2j3-0a1b2c3",
            "codex-companion job-worker --workspace /src/app --job review-mhz1k2j3-0a1b2c3",
        ],
    };

    /// <summary>The command line of a job's worker.</summary>
    public static IReadOnlyList<string> Arguments(Workspace workspace, string jobId) =>
        [Name, WorkspaceRoot.Display, workspace.Root, Job.Display, jobId];

    private static async Task<int> RunAsync(CommandCall call, ToolHost host)
    {
        if (call.Options.Value(WorkspaceRoot) is not { } root || call.Options.Value(Job) is not { } jobId)
            return Reporter.Fail(host.Streams, CommandError.Usage("job-worker is started by the tool itself and needs all of its options."), call.Json);
        if (StateRoot.Resolve(host.Variable) is not StateRoot.At stateRoot)
            return Reporter.Fail(host.Streams, CommandError.NoStateRoot((StateRoot.Refused)StateRoot.Resolve(host.Variable)), call.Json);
        var store = host.OpenStore(host, Workspace.Resolve(root), stateRoot.Path);
        return await JobWorker.RunAsync(host with { Variables = WorkerEnvironment.CallersOf(host.Variables) }, store, jobId);
    }
}
