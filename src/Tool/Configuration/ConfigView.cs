using System.Text.Json;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Configuration;

/// <summary>A setting as it is in force, and which layer says so.</summary>
/// <param name="Key">Dotted key.</param>
/// <param name="Value">Its value; null for none.</param>
/// <param name="Origin">The layer.</param>
/// <param name="Place">File and line, or variable; null for a default.</param>
/// <param name="Variable">The variable that would set it; null for none.</param>
internal sealed record ConfigRow(string Key, JsonElement? Value, Origin Origin, string? Place, string? Variable);

/// <summary>Lists all settings with where they come from.</summary>
internal static class ConfigView
{
    /// <summary>The settings in force, in the order of the documentation; options of a command line come on top of them.</summary>
    public static Attempt<IReadOnlyList<ConfigRow>> Of(string workspaceRoot, IReadOnlyDictionary<string, string> variables)
    {
        // Whatever is wrong, the loader says: what follows is about settings that hold.
        if (SettingsLoader.Load(workspaceRoot, variables).Error is { } wrong)
            return wrong;
        var entries = SettingsLoader.Entries(workspaceRoot, variables);
        if (entries.Error is not null)
            return entries.Error;

        var rows = Defaults().ToDictionary(row => row.Key, StringComparer.Ordinal);
        foreach (var entry in entries.Value!)
        {
            if (string.Equals(entry.Key, SettingKeys.Schema, StringComparison.Ordinal))
                continue;
            var variable = rows.TryGetValue(entry.Key, out var before) ? before.Variable : null;
            rows[entry.Key] = new ConfigRow(entry.Key, entry.Value, entry.Origin, entry.Place, variable);
        }

        return rows.Values.ToList();
    }

    private static IEnumerable<ConfigRow> Defaults()
    {
        var settings = new Settings();
        foreach (var (key, variable) in SettingKeys.Variables)
            yield return new ConfigRow(key, Default(key, settings), Origin.Default, Place: null, variable);
        foreach (var key in ServerRequestKeys.All)
            yield return new ConfigRow(key, JsonText.Element(ServerRequestKeys.Default(key)), Origin.Default, Place: null, Variable: null);
        foreach (var (alias, model) in settings.Aliases)
            yield return new ConfigRow("aliases." + alias, JsonText.Element(model.Value), Origin.Default, Place: null, Variable: null);
    }

    private static JsonElement? Default(string key, Settings settings)
    {
        if (LimitKeys.All.FirstOrDefault(limit => string.Equals("limits." + limit.Name, key, StringComparison.Ordinal)) is { } limit)
            return limit.Get(settings.Limits) is { } span ? JsonText.Element(Duration.Text(span)) : null;
        return SettingKeys.DefaultText(key, settings) is { } text ? JsonText.Element(text) : null;
    }
}
