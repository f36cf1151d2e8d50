using System.Text.Json;
using CodexCompanion.Tool.CommandLine;

namespace CodexCompanion.Tool.Configuration;

/// <summary>Knows every configuration key: what it means, who may set it, which values it takes.</summary>
internal static class SettingKeys
{
    private static readonly string[] Plain = ["model", "effort", "sandbox", "codexPath", "noBroker", "review.scope"];

    /// <summary>Keys whose value is an object of further settings, one level deep.</summary>
    public static IReadOnlyList<string> Sections { get; } = ["aliases", "codexConfig", "limits", "review", "serverRequests"];

    /// <summary>Whether there is such a key, or a section it would lie in whose names are free.</summary>
    public static bool IsKnown(string key) =>
        Known.Contains(key, StringComparer.Ordinal) || Dotted(key, "aliases.") is not null || Dotted(key, "codexConfig.") is not null;

    private static IEnumerable<string> Known => [.. Plain, .. ServerRequestKeys.All, .. LimitKeys.All.Select(limit => "limits." + limit.Name), .. Sections];

    /// <summary>Whether a project's file may set the key. A cloned repository must not choose what is run or what it may touch.</summary>
    public static bool ProjectMaySet(string key) =>
        key is "model" or "effort" or "review" or "review.scope" or "limits" || key.StartsWith("limits.", StringComparison.Ordinal);

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
            _ when ServerRequestKeys.All.Contains(entry.Key, StringComparer.Ordinal) => ServerRequestKeys.TryApply(settings, entry.Key, Text(entry)) is { } changed
                ? changed
                : Wrong(entry, ServerRequestKeys.Expected(entry.Key)),
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
