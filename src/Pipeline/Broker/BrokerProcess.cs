using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.StateStore;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>How a broker process is called: the one place that knows both its command line and its exit codes.</summary>
public static class BrokerProcess
{
    /// <summary>Another broker holds the workspace's lock. Not an error for whoever wanted one.</summary>
    public const int AnotherOneExitCode = 6;

    /// <summary>Option of <c>broker serve</c>: name of the instance.</summary>
    public const string InstanceOption = "--instance";

    /// <summary>Option of <c>broker serve</c>: path of codex.</summary>
    public const string CodexOption = "--codex";

    /// <summary>Option of <c>broker serve</c>: fingerprint to publish.</summary>
    public const string FingerprintOption = "--fingerprint";

    /// <summary>Option of <c>broker serve</c>: root of the workspace.</summary>
    public const string WorkspaceOption = "--workspace";

    /// <summary>What to start.</summary>
    internal static ChildStart Describe(CompanionSetup setup, IStateStore store, BrokerDemand demand, string instanceId)
    {
        var environment = new Dictionary<string, string>(AppServerEnvironment.Build(setup.Environment, instanceId), StringComparer.Ordinal)
        {
            [StateRoot.Variable] = store.Paths.Root,

            // A killed .NET process would leave diagnostic sockets in temp.
            ["DOTNET_EnableDiagnostics"] = "0",

            // A broker lives for hours and does little: memory matters more than the last bit of speed. Only what is called ten thousand
            // times (hexadecimal; the default is 30) is compiled anew while it runs: routing is, starting is not. Saves 4 MiB.
            ["DOTNET_GCConserveMemory"] = "7",
            ["DOTNET_GCgen0size"] = "400000", // 4 MiB; by itself as much as the processor's cache, which would be the broker's size after an hour.
            ["DOTNET_TieredCompilation"] = "1",
            ["DOTNET_TC_CallCountThreshold"] = "2710",
        };
        foreach (var (name, value) in setup.Environment.Where(v => IsPassedOn(v.Key)))
            environment[name] = value;

        return new ChildStart(
            setup.ProgramPath,
            [
                .. setup.ProgramArguments, "broker", "serve", InstanceOption, instanceId, WorkspaceOption, store.Workspace.Root,
                CodexOption, demand.Codex.GivenPath, FingerprintOption, demand.Fingerprint,
            ],
            environment,
            store.Paths.Directory); // Never the workspace: a broker must not keep it from being removed.
    }

    // What the runtime needs to start where it is not installed in the usual place, and our own settings; not what belongs to one caller.
    private static bool IsPassedOn(string name) =>
        name.StartsWith("DOTNET_ROOT", StringComparison.Ordinal)
        || name == "DOTNET_HOST_PATH"
        || (name.StartsWith("CODEX_COMPANION_", StringComparison.Ordinal) && !OfOneCaller.Contains(name));

    private static readonly string[] OfOneCaller =
    [
        "CODEX_COMPANION_SESSION_ID", "CODEX_COMPANION_TRANSCRIPT_PATH", "CODEX_COMPANION_INSTANCE", "CODEX_COMPANION_JOB",
        "CODEX_COMPANION_STATE_DIR", "CODEX_COMPANION_CODEX",
    ];
}
