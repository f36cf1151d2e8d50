using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.Tool.Configuration;
using CodexCompanion.Tool.Doctor.Journal;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Doctor.Checks;

/// <summary>Whether the configuration files and the workspace's own settings can be understood. With a wrong one no task starts.</summary>
internal sealed class SettingsCheck : IDoctorCheck
{
    private const string State = "state";

    /// <inheritdoc/>
    public string Id => "settings";

    /// <inheritdoc/>
    public CheckCategory Category => CheckCategory.Surroundings;

    /// <inheritdoc/>
    public CheckScope Scope => CheckScope.Workspace;

    /// <inheritdoc/>
    public string About => "your configuration file, the project's, and config.json of the state";

    /// <inheritdoc/>
    public Task<Inspection> InspectAsync(DoctorPlace place, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        var root = place.Workspace.Name;
        if (Path.IsPathFullyQualified(root) && SettingsLoader.Load(root, place.Site.Host.Variables).Error is { } wrong)
            findings.Add(new Finding("configuration", root, wrong.Message.TrimEnd('.'), Remedy.Manual("correct it", Editing(place, root, wrong.Message))));
        if (place.Site.Look(place.Paths.ConfigFile) is null)
            return Task.FromResult(Inspection.Of("can be understood", findings, _ => "")); // The store would ask the index then, which has a check of its own.
        var read = place.Store.ReadConfig();
        switch (read.Kind)
        {
            case StateReadKind.Corrupt:
                findings.Add(new Finding(State, place.Paths.ConfigFile, read.Detail!.TrimEnd('.'), Remedy.Risky("set it aside; the index's copy of the settings, or the defaults, take its place")));
                break;
            case StateReadKind.TooNew:
                findings.Add(UnreadFile.TooNew(place.Paths.ConfigFile, read.Detail!));
                break;
            case StateReadKind.Unreadable:
                if (UnreadFile.Closed(place, place.Paths.ConfigFile, place.Paths.ConfigFile, read.Detail!) is { } closed)
                    findings.Add(closed);
                else if (findings.Count == 0)
                    return Task.FromResult(UnreadFile.Skipped);
                break;
        }

        return Task.FromResult(Inspection.Of("can be understood", findings, n => $"{n} files of settings cannot be used"));
    }

    /// <inheritdoc/>
    public Task<Repair> RepairAsync(DoctorPlace place, Finding finding, RepairJournal journal) => Task.FromResult(
        place.Store.Repair("set config.json aside", Repair (repairs) => place.Store.ReadConfig().Kind == StateReadKind.Corrupt
            ? new Repair.Done($"set aside as {Aside.Move(place, repairs, journal, Id, place.Paths.ConfigFile)}")
            : new Repair.NotNeeded()));

    // Null: what is wrong stands in no file.
    private static string? Editing(DoctorPlace place, string root, string message)
    {
        string?[] files = [UserConfigFile.Find(place.Site.Host.Variables), Path.Combine(root, SettingsLoader.ProjectFileName)];
        return files.FirstOrDefault(file => file is not null && message.Contains(file, StringComparison.Ordinal)) is not { } file
            ? null
            : RegularFile.IsAt(file) ? $"${{EDITOR:-vi}} {ShellWord.Of(file)}" : $"mv {ShellWord.Of(file)} {ShellWord.Of(file + ".aside")}";
    }
}
