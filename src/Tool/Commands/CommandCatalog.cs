using CodexCompanion.Tool.CommandLine;

namespace CodexCompanion.Tool.Commands;

/// <summary>All commands, in the order of the help text.</summary>
internal static class CommandCatalog
{
    /// <summary>The tool itself, with its commands below it.</summary>
    public static CommandSpec Root { get; } = new("", "Delegates work to Codex, and never loses a task to its own plumbing.")
    {
        Options = [GlobalOptions.Version],
        Subcommands =
        [
            TaskCommand.Spec,
            ReviewCommand.Native,
            ReviewCommand.Adversarial,
            StatusCommand.Spec,
            ResultCommand.Spec,
            WaitCommand.Spec,
            LogsCommand.Spec,
            EventsCommand.Spec,
            CancelCommand.Spec,
            ResumeCandidateCommand.Spec,
            PruneCommand.Spec,
            FindingsCommand.Spec,
            TransferCommand.Spec,
            SetupCommand.Spec,
            UsageCommand.Spec,
            BrokerCommand.Spec,
            ConfigCommand.Spec,
            McpCommand.Spec,
            CompletionCommand.Spec,
            HookCommand.Spec,
            DoctorCommand.Spec,
            SelftestCommand.Spec,
            JobWorkerCommand.Spec,
        ],
        Examples =
        [
            "codex-companion task \"explain what src/parser.c does\"",
            "codex-companion task --write \"fix the failing test in tests/io\"",
            "codex-companion selftest",
        ],
    };
}
