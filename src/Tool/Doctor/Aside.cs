using System.Globalization;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Repairs;
using CodexCompanion.Tool.Doctor.Journal;

namespace CodexCompanion.Tool.Doctor;

/// <summary>Sets things aside, with a line in the journal, so that they can be brought back.</summary>
internal static class Aside
{
    /// <summary>Moves something into the quarantine while the state lock is held.</summary>
    /// <returns>Where it lies now, from the workspace's state folder on; null when nothing was there.</returns>
    public static string? Move(DoctorPlace place, StateRepairs repairs, RepairJournal journal, string check, string path)
    {
        if (place.Site.Look(path) is null)
            return null;
        var name = repairs.QuarantineName(path);
        journal.Do(Step(place, check, path, name), () => repairs.SetAside(path, name));
        return Short(place, name);
    }

    /// <summary>The same where the lock itself, or a folder it needs, is what is in the way: one rename, which the system makes whole.</summary>
    public static string? MoveWithoutLock(DoctorPlace place, RepairJournal journal, string check, string path)
    {
        var site = place.Site;
        if (site.Look(path) is not { } facts)
            return null;
        var folder = path == place.Paths.QuarantineDirectory ? place.Paths.Directory : place.Paths.QuarantineDirectory;
        if (PrivateDirectory.Ensure(site.Disk, folder) is { } sentence)
            throw new IOException(sentence);
        var stamp = site.Host.Time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var name = Path.Combine(folder, $"{Path.GetFileName(path)}.{stamp}");
        for (var number = 2; site.Look(name) is not null; number++)
            name = Path.Combine(folder, $"{Path.GetFileName(path)}.{stamp}-{number}");
        journal.Do(Step(place, check, path, name), () =>
        {
            if (facts.Kind == FileKind.Directory || (facts.Kind == FileKind.Link && Directory.Exists(path)))
                Directory.Move(path, name);
            else
                File.Move(path, name);
        });
        return Short(place, name);
    }

    /// <summary>A path as people see it in a report: from the workspace's state folder on.</summary>
    public static string Short(DoctorPlace place, string path) => Path.GetRelativePath(place.Paths.Directory, path);

    private static JournalStep Step(DoctorPlace place, string check, string path, string name) =>
        new(check, StepKind.Moved, path) { Kept = name, Workspace = place.Paths.Directory };
}
