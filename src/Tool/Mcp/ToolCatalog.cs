using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;

namespace CodexCompanion.Tool.Mcp;

/// <summary>
/// All tools, in the order they are listed. What is not here is not for a model to decide: no sandbox beyond the working directory, no configuration of
/// Codex, no broker, no doctor.
/// </summary>
internal static class ToolCatalog
{
    /// <summary>What is to be done.</summary>
    public static ToolParameter Prompt { get; } = new("prompt", OptionArity.Value, "What Codex is to do, complete in itself: it does not see this conversation.") { Required = true };

    /// <summary>Whether the call returns at once.</summary>
    public static ToolParameter Background { get; } = new("background", OptionArity.Flag, "Return the job's id at once; 'wait' or 'result' bring its answer.");

    /// <summary>After which time a call returns that would go on.</summary>
    public static ToolParameter HandOver { get; } =
        new("hand_over", OptionArity.Value, "Return the job's id when it has not ended after this time (90s, 15m); it goes on, and 'wait' brings its answer.");

    /// <summary>Whether our own reviewer is asked.</summary>
    public static ToolParameter Adversarial { get; } =
        new("adversarial", OptionArity.Flag, "Try to break the change and list findings, instead of Codex's built-in review. Implied by focus, path and range.");

    /// <summary>What a review looks at above all.</summary>
    public static ToolParameter Focus { get; } = new("focus", OptionArity.Value, "What to look at above all.");

    /// <summary>A review's paths.</summary>
    public static ToolParameter Path { get; } = ToolParameter.Of(ReviewOptions.Path) with { Description = "Review only what lies at these paths." };

    /// <summary>A review's range.</summary>
    public static ToolParameter Range { get; } = ToolParameter.Of(ReviewOptions.Range);

    /// <summary>Which job.</summary>
    public static ToolParameter Job { get; } = new("job", OptionArity.Value, "The job's id. Without it the newest one that fits.");

    /// <summary>How long to wait.</summary>
    public static ToolParameter WaitTime { get; } = new("timeout", OptionArity.Value, "Wait no longer than this (90s, 15m); the job goes on.");

    /// <summary>Whether all sessions' jobs are meant.</summary>
    public static ToolParameter AllSessions { get; } = new("all", OptionArity.Flag, "The jobs of all sessions.");

    private static readonly ToolParameter Cwd = ToolParameter.Of(GlobalOptions.Cwd) with { Description = "Work in this directory; without it where the server was started." };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ToolSpec> All { get; } =
    [
        new("task", "Codex task", "Let Codex do one task and return its answer. Read-only unless write is true.",
            [
                Prompt, ToolParameter.Of(TaskOptions.Write), ToolParameter.Of(TaskOptions.Model), ToolParameter.Of(TaskOptions.Effort),
                ToolParameter.Of(TaskOptions.Resume), ToolParameter.Of(TaskOptions.Thread), ToolParameter.Of(TaskOptions.Exclusive),
                ToolParameter.Of(TaskOptions.TimeLimit), Background, HandOver, Cwd,
            ]) { Destructive = true, ReachesCodex = true },
        new("review", "Codex review", "Let Codex review a change: uncommitted work, else the branch, unless told otherwise. Always read-only.",
            [
                ToolParameter.Of(ReviewOptions.Base), ToolParameter.Of(ReviewOptions.WiderScope), ToolParameter.Of(ReviewOptions.Commit), Range, Path, Adversarial, Focus,
                ToolParameter.Of(TaskOptions.Model), ToolParameter.Of(TaskOptions.Effort), ToolParameter.Of(TaskOptions.TimeLimit), Background, HandOver, Cwd,
            ]) { ReadOnly = true, ReachesCodex = true },
        new("wait", "Wait for a Codex job", "Wait until a job has ended and return its answer. Cancelling the call ends the waiting, not the job.", [Job, WaitTime, Cwd])
        { ReadOnly = true },
        new("status", "Codex jobs", "Active and recent jobs of the workspace, or one job.", [Job, AllSessions, Cwd])
        { ReadOnly = true },
        new("result", "Result of a Codex job", "The answer of a finished job.", [Job, Cwd]) { ReadOnly = true },
        new("cancel", "Cancel a Codex job", "Stop a job with everything it started, and say what was proved.", [Job, Cwd]) { Destructive = true },
    ];
}
