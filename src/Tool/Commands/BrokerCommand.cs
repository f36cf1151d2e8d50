using CodexCompanion.Tool.CommandLine;

namespace CodexCompanion.Tool.Commands;

/// <summary><c>broker</c>: the shared broker of this workspace.</summary>
internal static class BrokerCommand
{
    /// <summary>The command and those below it.</summary>
    public static CommandSpec Spec { get; } = new("broker", "Show or stop the broker that shares one app-server in this workspace.")
    {
        Subcommands = [BrokerStatusCommand.Spec, BrokerStopCommand.Spec, BrokerServeCommand.Spec],
        Examples = ["codex-companion broker status", "codex-companion broker stop"],
    };
}
