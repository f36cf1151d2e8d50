using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.StateStore;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Configuration;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Commands;

/// <summary><c>broker serve</c>: the broker process itself. Started by the launcher, not by people.</summary>
internal static class BrokerServeCommand
{
    private static readonly OptionSpec Instance = Option(BrokerProcess.InstanceOption, "Name of the instance.");
    private static readonly OptionSpec WorkspaceRoot = Option(BrokerProcess.WorkspaceOption, "Root of the workspace.");
    private static readonly OptionSpec Codex = Option(BrokerProcess.CodexOption, "Path of codex.");
    private static readonly OptionSpec Fingerprint = Option(BrokerProcess.FingerprintOption, "Fingerprint to publish.");

    /// <summary>The command.</summary>
    public static CommandSpec Spec { get; } = new("serve", "Serve this workspace (internal).")
    {
        Options = [Instance, WorkspaceRoot, Codex, Fingerprint],
        Hidden = true,
        Run = RunAsync,
        Examples = ["codex-companion broker serve --instance 0a1b2c3d4e5f --workspace . --codex codex --fingerprint 0123456789abcdef"],
    };

    private static async Task<int> RunAsync(CommandCall call, ToolHost host)
    {
        if (call.Options.Value(Instance) is not { } instance
            || call.Options.Value(WorkspaceRoot) is not { } root
            || call.Options.Value(Codex) is not { } codexPath
            || call.Options.Value(Fingerprint) is not { } fingerprint)
            return Fail(host, CommandError.Usage("broker serve is started by the tool itself and needs all of its options."));
        if (StateRoot.Resolve(host.Variable) is not StateRoot.At stateRoot)
            return Fail(host, CommandError.NoStateRoot((StateRoot.Refused)StateRoot.Resolve(host.Variable)));
        if (CodexLocator.Find(host.Variables, codexPath, last: null) is not CodexLookup.Found { Codex: var codex })
            return Fail(host, CommandError.Usage($"There is no codex at {codexPath}."));
        var loaded = SettingsLoader.Load(root, host.Variables);
        if (loaded.Value is not { } settings)
            return Fail(host, loaded.Error!);

        var workspace = Workspace.Resolve(root);
        var options = new BrokerOptions
        {
            InstanceId = instance,
            Codex = codex,
            Fingerprint = fingerprint,
            ToolVersion = ToolVersion.Text,
            ProgramPath = host.Program().EntryFile,
            Environment = host.Variables,
            Limits = settings.Limits,
        };
        var exit = await BrokerHost.RunAsync(
            options,
            Wiring.PipelineSetup(host, stateRoot.Path, settings.Limits, codexPath),
            host.OpenStore(host, workspace, stateRoot.Path),
            Console.Error);
        return exit switch
        {
            BrokerExit.Done => ExitCodes.Done,
            BrokerExit.AnotherOne => BrokerProcess.AnotherOneExitCode,
            _ => ExitCodes.Failed,
        };
    }

    private static OptionSpec Option(string name, string description) => new(name[2..], OptionArity.Value, description);

    private static int Fail(ToolHost host, CommandError error) => Reporter.Fail(host.Streams, error, json: false);
}
