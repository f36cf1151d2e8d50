using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Reviews.Findings;
using CodexCompanion.Tool.Reviews.Rendering;

namespace CodexCompanion.Tool.Commands;

/// <summary>The option tables of <c>review</c> and <c>adversarial-review</c>.</summary>
internal static class ReviewOptions
{
    public static OptionSpec Base { get; } =
        new("base", OptionArity.Value, "Review what this branch has since it left REF.") { ValueName = "REF" };

    public static OptionSpec Scope { get; } =
        new("scope", OptionArity.Value, "auto (uncommitted changes, else the branch), working-tree or branch.") { ValueName = "SCOPE", Choices = () => Scopes };

    public static OptionSpec WiderScope { get; } =
        new("scope", OptionArity.Value, "auto (uncommitted changes, else the branch), working-tree, branch, staged or unstaged.")
        {
            ValueName = "SCOPE",
            Choices = () => [.. Scopes, "staged", "unstaged"],
        };

    public static OptionSpec Commit { get; } = new("commit", OptionArity.Value, "Review one commit.") { ValueName = "SHA" };

    public static OptionSpec Range { get; } =
        new("range", OptionArity.Value, "Review from A to B; with three dots since B left A.") { ValueName = "A...B" };

    public static OptionSpec Path { get; } =
        new("path", OptionArity.Repeated, "Review only what lies there. May be repeated, or given after --.") { ValueName = "PATH" };

    public static OptionSpec Inline { get; } =
        new("inline", OptionArity.Value, "Put the changes into the prompt: auto (when they are small), always or never.") { ValueName = "WHEN", Choices = () => ["auto", "always", "never"] };

    public static OptionSpec Format { get; } =
        new("format", OptionArity.Value, $"How to print it: {ReviewFormats.Names}.") { ValueName = "FORMAT", Choices = () => Enum.GetNames<ReviewFormat>().Select(name => name.ToLowerInvariant()) };

    public static OptionSpec FailOn { get; } =
        new("fail-on", OptionArity.Value, "Exit with 8 when there is a finding this severe: critical, high, medium or low.")
        {
            ValueName = "SEVERITY",
            Choices = () => FindingsSchema.Severities,
        };

    public static OptionSpec ShowContext { get; } =
        new("show-context", OptionArity.Flag, "Print exactly what would be sent, and send nothing.");

    public static OptionSpec Background { get; } = new("background", OptionArity.Flag, "Let a detached worker do it, and print the job's id.");

    /// <summary>Those of the built-in reviewer. What it cannot take is known and refused, so that nobody takes it for misspelt.</summary>
    public static IReadOnlyList<OptionSpec> Native { get; } =
    [
        Base, Scope, Commit, TaskOptions.Model, TaskOptions.Effort, TaskOptions.Config, Format, FailOn, ShowContext, Background,
        TaskOptions.HandOver, TaskOptions.NoBroker, TaskOptions.TimeLimit, TaskOptions.StallLimit, GlobalOptions.ArgumentsStdin,
        Range with { Refusal = Refused("a range") }, Path with { Refusal = Refused("paths") }, Inline with { Refusal = Refused("--inline") },
        .. TaskOptions.OfCodex,
    ];

    /// <summary>Those of our own.</summary>
    public static IReadOnlyList<OptionSpec> Adversarial { get; } =
    [
        Base, WiderScope, Commit, Range, Path, TaskOptions.Model, TaskOptions.Effort, TaskOptions.Config, Inline, Format, FailOn, ShowContext,
        Background, TaskOptions.HandOver, TaskOptions.NoBroker, TaskOptions.TimeLimit, TaskOptions.StallLimit, GlobalOptions.ArgumentsStdin,
        .. TaskOptions.OfCodex,
    ];

    private static IReadOnlyList<string> Scopes => ["auto", "working-tree", "branch"];

    private static string Refused(string what) => $"The built-in reviewer does not take {what}; adversarial-review does.";
}
