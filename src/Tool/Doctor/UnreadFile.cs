using CodexCompanion.Tool.Doctor.Checks;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Doctor;

/// <summary>What several checks say of a file that they cannot look into, with one remedy for one trouble.</summary>
internal static class UnreadFile
{
    /// <summary>What a check says that looks into one file, when permissions tells of it in the same run.</summary>
    public static Inspection Skipped { get; } = Inspection.Skipped("it cannot be read; permissions tells why");

    /// <summary>A file of a later version.</summary>
    /// <param name="subject">What the finding is about.</param>
    /// <param name="detail">What was read, as a sentence.</param>
    public static Finding TooNew(string subject, string detail) =>
        new("too-new", subject, detail.TrimEnd('.'), Remedy.Manual("bring this tool up to date", "dotnet tool update --global codex-companion")) { Severity = Severity.Warning };

    /// <summary>A file that cannot be read.</summary>
    /// <param name="place">Where.</param>
    /// <param name="subject">What the finding is about.</param>
    /// <param name="path">The file.</param>
    /// <param name="detail">Why not, as a sentence.</param>
    /// <returns>Null when <see cref="PermissionsCheck"/> tells of it in the same run: it has the remedy.</returns>
    public static Finding? Closed(DoctorPlace place, string subject, string path, string detail)
    {
        if (!PermissionsCheck.IsWrong(place, path))
            return Told(Remedy.Manual("see what keeps it from being read", $"ls -l {ShellWord.Of(path)}"));
        return place.Site.Runs(PermissionsCheck.Name) ? null : Told(Remedy.Manual("have its owner and permissions looked at", place.Site.Line([PermissionsCheck.Name])));

        Finding Told(Remedy remedy) => new("unreadable", subject, detail.TrimEnd('.'), remedy);
    }
}
