using System.Text.Json;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Configuration;
using CodexCompanion.Tool.Reviews;
using CodexCompanion.Tool.Reviews.Content;
using CodexCompanion.Tool.Reviews.Findings;
using CodexCompanion.Tool.Reviews.Rendering;
using CodexCompanion.Tool.Reviews.Targets;

namespace CodexCompanion.Tool.Commands;

/// <summary>The options of a review, checked against each other and typed.</summary>
internal sealed record ReviewArguments
{
    private const string Scopes = "auto, working-tree, branch, or pass --base <ref>";

    // What decides over the sandbox; a review has none to decide about.
    private static readonly string[] Pinned = ["sandbox", "approval", "permissions", "default_permissions", "profile"];

    /// <summary>What to review.</summary>
    public required TargetRequest Target { get; init; }

    /// <summary>What to look at above all; empty for everything.</summary>
    public string Focus { get; init; } = "";

    /// <summary>When the changes go into the prompt.</summary>
    public Inlining Inlining { get; init; }

    /// <summary>How to print it.</summary>
    public ReviewFormat Format { get; init; }

    /// <summary>From which severity on to end with 8; null for never.</summary>
    public Severity? FailOn { get; init; }

    /// <summary>The options it shares with a task.</summary>
    public required TaskArguments Shared { get; init; }

    /// <summary>Checks and types them.</summary>
    public static Attempt<ReviewArguments> Read(CommandCall call, string cwd, Settings settings, string kind)
    {
        var options = call.Options;
        var shared = TaskArguments.Read(options);
        if (shared.Value is null)
            return shared.Error!;
        if (shared.Value.Config.FirstOrDefault(pair => IsPinned(pair.Key)).Key is { } refused)
            return CommandError.Usage($"A review is always read-only; -c {refused} cannot change that.");

        var named = new[] { ReviewOptions.Base, ReviewOptions.Commit, ReviewOptions.Range }.Where(options.Has).ToList();
        if (named.Find(option => string.IsNullOrWhiteSpace(options.Value(option))) is { } empty)
            return CommandError.Usage($"{empty.Display} needs a value ({empty.ValueName}).");
        if (named.Count > 1)
            return CommandError.Usage($"{named[0].Display} and {named[1].Display} exclude each other.");
        var scope = ScopeOf(options.Value(ReviewOptions.Scope), kind, named);
        if (scope.Value is null && scope.Error is not null)
            return scope.Error;

        if (!TryFormat(call, out var format, out var error) || !TryFailOn(options, out var failOn, out error) || !TryInlining(options, out var inlining, out error))
            return error!;
        return new ReviewArguments
        {
            Target = new TargetRequest(
                cwd, scope.Value ?? settings.ReviewScope.Value, scope.Value is not null, options.Value(ReviewOptions.Base), options.Value(ReviewOptions.Commit),
                options.Value(ReviewOptions.Range), [.. options.Values(ReviewOptions.Path), .. call.Paths]),
            Focus = call.Words.Count > 0 ? string.Join(' ', call.Words) : call.RawText?.Trim() ?? "",
            Inlining = inlining,
            Format = format,
            FailOn = failOn,
            Shared = shared.Value,
        };
    }

    /// <summary>Codex's configuration without what decides over the sandbox: as a user's file has it, it is meant for tasks.</summary>
    public static IReadOnlyDictionary<string, JsonElement> WithoutPinned(IEnumerable<KeyValuePair<string, JsonElement>> config) =>
        config.Where(pair => !IsPinned(pair.Key)).ToDictionary(StringComparer.Ordinal);

    private static bool IsPinned(string key) => Array.Exists(Pinned, word => key.StartsWith(word, StringComparison.Ordinal));

    private static Attempt<string> ScopeOf(string? scope, string kind, List<OptionSpec> named)
    {
        if (scope is null)
            return new Attempt<string>(Value: null, Error: null);
        if (scope is "staged" or "unstaged" && kind == ReviewKinds.Native)
            return CommandError.Usage($"The built-in reviewer does not take {scope} changes alone.", $"Use adversarial-review --scope {scope}.");
        if (scope is not ("auto" or "working-tree" or "branch" or "staged" or "unstaged"))
            return CommandError.Usage($"Unsupported review scope \"{scope}\". Use one of: {Scopes}.");
        var fits = named.Count == 0 || scope == "auto" || (scope == "branch" && named[0] == ReviewOptions.Base);
        return fits ? scope : CommandError.Usage($"--scope {scope} and {named[0].Display} exclude each other.");
    }

    private static bool TryFormat(CommandCall call, out ReviewFormat format, out CommandError? error)
    {
        (format, error) = (ReviewFormat.Text, null);
        if (call.Options.Value(ReviewOptions.Format) is not { } word)
            return true;
        if (!ReviewFormats.TryParse(word, out format))
            error = CommandError.Usage($"Unknown format '{word}'; use {ReviewFormats.Names}.");
        else if (call.Json && format != ReviewFormat.Json)
            error = CommandError.Usage($"--json and --format {word} exclude each other.");
        return error is null;
    }

    private static bool TryFailOn(GivenOptions options, out Severity? failOn, out CommandError? error)
    {
        (failOn, error) = (null, null);
        if (options.Value(ReviewOptions.FailOn) is not { } word)
            return true;
        if (FindingsSchema.TrySeverity(word, out var severity))
            failOn = severity;
        else
            error = CommandError.Usage($"--fail-on needs one of {string.Join(", ", FindingsSchema.Severities)}, and got '{word}'.");
        return error is null;
    }

    private static bool TryInlining(GivenOptions options, out Inlining inlining, out CommandError? error)
    {
        (inlining, error) = (Inlining.Auto, null);
        if (options.Value(ReviewOptions.Inline) is not { } word)
            return true;
        (inlining, var known) = word switch
        {
            "auto" => (Inlining.Auto, true),
            "always" => (Inlining.Always, true),
            "never" => (Inlining.Never, true),
            _ => (Inlining.Auto, false),
        };
        error = known ? null : CommandError.Usage($"--inline needs auto, always or never, and got '{word}'.");
        return known;
    }
}
