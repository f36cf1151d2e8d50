using System.Globalization;
using System.Text.Json;
using CodexCompanion.Pipeline;
using CodexCompanion.Tool.CommandLine;

namespace CodexCompanion.Tool.Configuration;

/// <summary>Knows every configuration key: what it means, who may set it, which values it takes.</summary>
internal static class SettingKeys
{
    /// <summary>Where an editor finds the schema of the file; of no meaning to us.</summary>
    public const string Schema = "$schema";

    // More rounds than this are no gate but a prison.
    private const int MostRounds = 20;

    private static readonly (string Key, string Variable)[] Plain =
    [
        ("model", "CODEX_COMPANION_MODEL"),
        ("effort", "CODEX_COMPANION_EFFORT"),
        ("sandbox", "CODEX_COMPANION_SANDBOX"),
        ("codexPath", "CODEX_COMPANION_CODEX"),
        ("noBroker", "CODEX_COMPANION_NO_BROKER"),
        ("review.scope", "CODEX_COMPANION_REVIEW_SCOPE"),
        ("stopReview.model", "CODEX_COMPANION_STOP_REVIEW_MODEL"),
        ("stopReview.effort", "CODEX_COMPANION_STOP_REVIEW_EFFORT"),
        ("stopReview.rounds", "CODEX_COMPANION_STOP_REVIEW_ROUNDS"),
    ];

    /// <summary>Keys whose value is an object of further settings, one level deep.</summary>
    public static IReadOnlyList<string> Sections { get; } = ["aliases", "codexConfig", "limits", "review", "serverRequests", "stopReview"];

    /// <summary>The keys that have an environment variable, in the order of the documentation.</summary>
    public static IEnumerable<(string Key, string Variable)> Variables =>
        [.. Plain, .. LimitKeys.All.Select(limit => ("limits." + limit.Name, limit.Variable))];

    /// <summary>What is in force without any word about it, as it would be written; null for none.</summary>
    public static string? DefaultText(string key, Settings settings) => key switch
    {
        "sandbox" => ConfigWords.Of(settings.Sandbox.Value),
        "noBroker" => settings.NoBroker.Value ? "true" : "false",
        "review.scope" => settings.ReviewScope.Value,
        "stopReview.rounds" => settings.StopReviewRounds.Value.ToString(CultureInfo.InvariantCulture),
        _ => null,
    };

    /// <summary>Whether there is such a key, or a section it would lie in whose names are free.</summary>
    public static bool IsKnown(string key) =>
        Known.Contains(key, StringComparer.Ordinal) || Dotted(key, "aliases.") is not null || Dotted(key, "codexConfig.") is not null;

    private static IEnumerable<string> Known => [.. Variables.Select(known => known.Key), .. ServerRequestKeys.All, .. Sections];

    /// <summary>Whether a project's file may set the key. A cloned repository must not choose what is run or what it may touch.</summary>
    public static bool ProjectMaySet(string key) =>
        key is "model" or "effort" or Schema or "review" or "review.scope" or "limits" || key.StartsWith("limits.", StringComparison.Ordinal);

    /// <summary>Puts an entry into the settings.</summary>
    /// <returns>The settings, or a sentence that names the place and what is wrong.</returns>
    public static Attempt<Settings> Apply(Settings settings, ConfigEntry entry)
    {
        if (Dotted(entry.Key, "aliases.") is { } alias)
        {
            return Text(entry) is { } model
                ? settings with { Aliases = With(settings.Aliases, alias, model, entry.Origin) }
                : Wrong(entry, "the name of a model");
        }

        if (Dotted(entry.Key, "codexConfig.") is { } codexKey)
            return settings with { CodexConfig = With(settings.CodexConfig, codexKey, entry.Value, entry.Origin) };
        if (Dotted(entry.Key, "limits.") is { } limit)
            return ApplyLimit(settings, entry, limit);

        return entry.Key switch
        {
            "model" => Text(entry) is { } model ? settings with { Model = new(model, entry.Origin) } : Wrong(entry, "the name of a model"),
            "effort" => Text(entry) is { } effort ? settings with { Effort = new(effort, entry.Origin) } : Wrong(entry, "a word"),
            "sandbox" => ConfigWords.TrySandbox(Text(entry), out var sandbox)
                ? settings with { Sandbox = new(sandbox, entry.Origin) }
                : Wrong(entry, ConfigWords.Sandboxes),
            "codexPath" => Text(entry) is { } path && (entry.Origin == Origin.Environment || Path.IsPathFullyQualified(path))
                ? settings with { CodexPath = new(path, entry.Origin) }
                : Wrong(entry, "an absolute path"),
            "noBroker" => Truth(entry) is { } off ? settings with { NoBroker = new(off, entry.Origin) } : Wrong(entry, "true or false"),
            "review.scope" => Text(entry) is { } scope and ("auto" or "working-tree" or "branch")
                ? settings with { ReviewScope = new(scope, entry.Origin) }
                : Wrong(entry, "auto, working-tree or branch"),
            "stopReview.model" => Text(entry) is { } model
                ? settings with { StopReviewModel = new(model, entry.Origin) }
                : Wrong(entry, "the name of a model"),
            "stopReview.effort" => Text(entry) is { } effort ? settings with { StopReviewEffort = new(effort, entry.Origin) } : Wrong(entry, "a word"),
            "stopReview.rounds" => Count(entry) is { } rounds
                ? settings with { StopReviewRounds = new(rounds, entry.Origin) }
                : Wrong(entry, $"a whole number from 1 to {MostRounds}"),
            Schema => settings,
            _ when ServerRequestKeys.All.Contains(entry.Key, StringComparer.Ordinal) =>
                ServerRequestKeys.TryApply(settings, entry.Key, Text(entry)) is { } changed ? changed : Wrong(entry, ServerRequestKeys.Expected(entry.Key)),
            _ when Sections.Contains(entry.Key, StringComparer.Ordinal) => Wrong(entry, "an object"),
            _ => Unknown(entry),
        };
    }

    private static Attempt<Settings> ApplyLimit(Settings settings, ConfigEntry entry, string name)
    {
        var key = LimitKeys.All.FirstOrDefault(limit => string.Equals(limit.Name, name, StringComparison.Ordinal));
        if (key is null)
            return Unknown(entry);

        var text = entry.Value.ValueKind == JsonValueKind.Number ? entry.Value.GetRawText() : Text(entry);
        if (text is null || !Duration.TryParse(text, out var span))
            return Wrong(entry, Duration.Expected);
        return settings with { Limits = key.Set(settings.Limits, span), LimitTexts = With(settings.LimitTexts, name, text, entry.Origin) };
    }

    private static Dictionary<string, Setting<T>> With<T>(IReadOnlyDictionary<string, Setting<T>> all, string key, T value, Origin origin) =>
        new(all, StringComparer.Ordinal) { [key] = new Setting<T>(value, origin) };

    private static string? Dotted(string key, string section) =>
        key.StartsWith(section, StringComparison.Ordinal) && key.Length > section.Length ? key[section.Length..] : null;

    private static string? Text(ConfigEntry entry) =>
        entry.Value.ValueKind == JsonValueKind.String && entry.Value.GetString() is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;

    private static int? Count(ConfigEntry entry)
    {
        var text = entry.Value.ValueKind == JsonValueKind.Number ? entry.Value.GetRawText()
            : entry.Origin == Origin.Environment ? entry.Value.GetString()
            : null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= MostRounds ? count : null;
    }

    // Variables hold text only.
    private static bool? Truth(ConfigEntry entry) => entry.Value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String when entry.Origin == Origin.Environment => entry.Value.GetString()!.ToLowerInvariant() switch
        {
            "1" or "true" or "yes" or "on" => true,
            "0" or "false" or "no" or "off" => false,
            _ => null,
        },
        _ => null,
    };

    private static CommandError Wrong(ConfigEntry entry, string expected) =>
        CommandError.Config(entry.Origin == Origin.Environment
            ? $"{entry.Place} must be {expected}."
            : $"{entry.Place}: \"{entry.Key}\" must be {expected}.");

    private static CommandError Unknown(ConfigEntry entry)
    {
        var meant = Suggestion.For(entry.Key, Known);
        return CommandError.Config($"{entry.Place}: unknown key \"{entry.Key}\"{(meant is null ? "" : $"; did you mean \"{meant}\"?")}");
    }
}
