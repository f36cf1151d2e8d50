using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Configuration;

/// <summary>Puts the layers together: default, user, project, environment. Options come on top in each command.</summary>
internal static class SettingsLoader
{
    /// <summary>Name of the project's file, at the workspace root.</summary>
    public const string ProjectFileName = ".codex-companion.json";

    /// <summary>Loads the settings of a workspace.</summary>
    /// <param name="workspaceRoot">Where the project's file lies.</param>
    /// <param name="variables">The environment.</param>
    public static Attempt<Settings> Load(string workspaceRoot, IReadOnlyDictionary<string, string> variables)
    {
        var entries = Entries(workspaceRoot, variables);
        if (entries.Error is not null)
            return entries.Error;
        var settings = new Settings();
        foreach (var entry in entries.Value!)
        {
            var applied = Apply(settings, entry);
            if (applied.Error is not null)
                return applied;
            settings = applied.Value!;
        }

        return settings;
    }

    /// <summary>Everything that is written in files and variables, weakest first, as it stands there.</summary>
    public static Attempt<IReadOnlyList<ConfigEntry>> Entries(string workspaceRoot, IReadOnlyDictionary<string, string> variables)
    {
        var all = new List<ConfigEntry>();
        foreach (var (path, origin) in Files(workspaceRoot, variables))
        {
            var entries = ConfigFile.Read(path, origin);
            if (entries.Error is not null)
                return entries.Error;
            all.AddRange(entries.Value!);
        }

        all.AddRange(FromEnvironment(variables));
        return all;
    }

    // A key that exists and is not the project's is refused by name; a misspelt one is told as such.
    private static Attempt<Settings> Apply(Settings settings, ConfigEntry entry) =>
        entry.Origin == Origin.Project && SettingKeys.IsKnown(entry.Key) && !SettingKeys.ProjectMaySet(entry.Key)
            ? CommandError.Config(
                $"{entry.Place}: a project's file may not set \"{entry.Key}\", only model, effort, review.scope and limits; " +
                "put it into your own configuration file.")
            : SettingKeys.Apply(settings, entry);

    /// <summary>The files that are read, weakest first, whether they are there or not.</summary>
    public static IEnumerable<(string Path, Origin Origin)> Files(string workspaceRoot, IReadOnlyDictionary<string, string> variables)
    {
        if (UserConfigFile.Find(variables) is { } user)
            yield return (user, Origin.User);
        yield return (Path.Combine(workspaceRoot, ProjectFileName), Origin.Project);
    }

    private static IEnumerable<ConfigEntry> FromEnvironment(IReadOnlyDictionary<string, string> variables)
    {
        foreach (var (key, variable) in SettingKeys.Variables)
        {
            // An empty variable is one that is not set: so shells and CI systems clear one.
            if (variables.TryGetValue(variable, out var value) && value.Length > 0)
                yield return new ConfigEntry(key, JsonText.Element(value), Origin.Environment, variable);
        }
    }
}
