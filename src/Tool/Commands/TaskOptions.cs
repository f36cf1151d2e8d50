using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Configuration;

namespace CodexCompanion.Tool.Commands;

/// <summary>The option table of <c>task</c>.</summary>
internal static class TaskOptions
{
    /// <summary>Why a profile is refused, however it is given: the server itself would name an option that it does not have.</summary>
    public const string NoProfile =
        "The app-server of codex takes no profile. Give its keys with -c KEY=VALUE, or put them into codexConfig of the configuration.";

    public static OptionSpec Write { get; } =
        new("write", OptionArity.Flag, "Let Codex change files below the working directory (sandbox workspace-write).");

    public static OptionSpec Sandbox { get; } =
        new("sandbox", OptionArity.Value, $"What its commands may touch: {ConfigWords.Sandboxes}.") { ValueName = "MODE", Choices = () => ConfigWords.SandboxWords };

    public static OptionSpec Resume { get; } = new("resume", OptionArity.Flag, "Continue the thread of the newest finished task.");

    public static OptionSpec ResumeLast { get; } = new("resume-last", OptionArity.Flag, "The same as --resume.");

    public static OptionSpec Thread { get; } = new("thread", OptionArity.Value, "Continue exactly this thread.") { ValueName = "ID" };

    public static OptionSpec Fresh { get; } = new("fresh", OptionArity.Flag, "Start a new thread (the default).");

    public static OptionSpec Model { get; } =
        new("model", OptionArity.Value, "Model, or an alias of one from the configuration (spark).") { Short = 'm', ValueName = "MODEL" };

    public static OptionSpec Effort { get; } =
        new("effort", OptionArity.Value, "Reasoning effort: low, medium, high, or what the model offers.") { ValueName = "EFFORT", Choices = () => ["minimal", "low", "medium", "high", "xhigh"] };

    public static OptionSpec Config { get; } =
        new("config", OptionArity.Repeated, "Codex configuration for this thread, like codex's own -c. May be repeated.")
        {
            Short = 'c',
            ValueName = "KEY=VALUE",
        };

    public static OptionSpec PromptFile { get; } =
        new("prompt-file", OptionArity.Value, "Read the prompt from a file; - is stdin.") { ValueName = "FILE" };

    public static OptionSpec ContextFile { get; } =
        new("context-file", OptionArity.Value, "Put a file's content below the prompt; - is stdin.") { ValueName = "FILE" };

    public static OptionSpec NoBroker { get; } = new("no-broker", OptionArity.Flag, "Use an app-server of its own instead of the shared one.");

    public static OptionSpec TimeLimit { get; } =
        new("time-limit", OptionArity.Value, "Stop the turn after this time: 90s, 15m, 1h.") { ValueName = "TIME" };

    public static OptionSpec StallLimit { get; } =
        new("stall-limit", OptionArity.Value, "Stop the turn when nothing at all was heard for this time (15m).") { ValueName = "TIME" };

    public static OptionSpec Background { get; } =
        new("background", OptionArity.Flag, "Hand the task to a worker of its own and print the job's id at once.");

    public static OptionSpec Exclusive { get; } =
        new("exclusive", OptionArity.Flag, "Before a task that may write: wait until no other job writes in this tree.");

    public static OptionSpec HandOver { get; } =
        new("hand-over", OptionArity.Value, "After this time leave the job to its worker, print the job's id and exit 3.") { ValueName = "TIME" };

    /// <summary>What codex itself has and we have under another name: refused with that name, so that nobody takes it for misspelt.</summary>
    public static IReadOnlyList<OptionSpec> OfCodex { get; } =
    [
        new("profile", OptionArity.Value, "A profile of codex.")
        {
            Short = 'p',
            Refusal = NoProfile,
        },
        new("service-tier", OptionArity.Value, "The service tier.") { Refusal = "The service tier is given with -c service_tier=TIER, or as codexConfig of the configuration." },
    ];

    /// <summary>All of them, in the order of the help text.</summary>
    public static IReadOnlyList<OptionSpec> All { get; } =
    [
        Write, Sandbox, Resume, ResumeLast, Thread, Fresh, Model, Effort, Config, PromptFile, ContextFile, GlobalOptions.ArgumentsStdin,
        NoBroker, TimeLimit, StallLimit, Background, Exclusive, HandOver, .. OfCodex,
    ];
}
