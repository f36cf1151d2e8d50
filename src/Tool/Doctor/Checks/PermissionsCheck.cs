using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.Tool.Doctor.Journal;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Doctor.Checks;

/// <summary>Whether folders are 0700, files 0600, and all of it ours: state holds prompts and results, sockets the right to run commands.</summary>
internal sealed class PermissionsCheck : IDoctorCheck
{
    /// <summary>The name of this check.</summary>
    public const string Name = "permissions";

    private const string Open = "open";
    private const string Closed = "closed-to-us";

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <inheritdoc/>
    public string Id => Name;

    /// <inheritdoc/>
    public CheckCategory Category => CheckCategory.State;

    /// <inheritdoc/>
    public CheckScope Scope => CheckScope.Workspace;

    /// <inheritdoc/>
    public string About => "state and socket folders 0700, files 0600, all of it ours";

    /// <inheritdoc/>
    public Task<Inspection> InspectAsync(DoctorPlace place, CancellationToken cancellation)
    {
        if (OperatingSystem.IsWindows())
            return Task.FromResult(Inspection.Ok("state lies in the user's profile and has its access list"));
        var findings = new List<Finding>();
        var seen = 0;
        foreach (var path in Everything(place))
        {
            seen++;
            if (Judge(place, path) is { } finding)
                findings.Add(finding);
        }

        return Task.FromResult(Inspection.Of(
            seen == 0 ? "nothing is there yet" : "private, all of it ours", findings, n => $"{n} files or folders have the wrong permissions or owner"));
    }

    /// <inheritdoc/>
    public Task<Repair> RepairAsync(DoctorPlace place, Finding finding, RepairJournal journal)
    {
        var path = finding.Subject;
        if (OperatingSystem.IsWindows() || Judge(place, path) is null || place.Site.Look(path) is not { Mode: { } before } facts)
            return Task.FromResult<Repair>(new Repair.NotNeeded());
        var after = facts.Kind == FileKind.Directory ? NativeDisk.PrivateFolder : NativeDisk.PrivateFile;
        var step = new JournalStep(Id, StepKind.Mode, path) { ModeBefore = Octal(before), Workspace = place.Paths.Directory };
        if (IsInTheWay(place, path))
            SetMode(path, after); // The journal lies in it: what opens the folder is written down right after.
        journal.Do(step, () => SetMode(path, after));
        return Task.FromResult<Repair>(new Repair.Done($"{Octal(before)} made {Octal(after)}"));
    }

    /// <summary>Whether something of ours is closed to us, open to others, or somebody else's.</summary>
    public static bool IsWrong(DoctorPlace place, string path) => !OperatingSystem.IsWindows() && Judge(place, path) is not null;

    private static Finding? Judge(DoctorPlace place, string path)
    {
        if (place.Site.Look(path) is not { Mode: { } mode } facts || facts.Kind is not (FileKind.Directory or FileKind.Regular))
            return null; // Gone meanwhile; or a link or a pipe, which others look after.
        if (facts.Owner is { } owner && place.Site.Disk.User is { } user && owner != user)
        {
            return new Finding("foreign", path, $"{NameOf(place, path)} belongs to user {owner}, not to you ({user})", Remedy.Manual(
                "make it yours", $"sudo chown {user} {ShellWord.Of(path)}"));
        }

        var own = facts.Kind == FileKind.Directory ? NativeDisk.PrivateFolder : NativeDisk.PrivateFile;
        if ((mode & Others) != UnixFileMode.None)
            return Wrong(Open, "lets others in");
        return (mode & own) == own ? null : Wrong(IsInTheWay(place, path) ? StateDirectoryCheck.Closed : Closed, "is closed to yourself");

        Finding Wrong(string code, string what) =>
            new(code, path, $"{NameOf(place, path)} {what} ({Octal(mode)})", Remedy.Safe($"make it {Octal(own)}"));
    }

    // Nothing else can be looked at while it is closed.
    private static bool IsInTheWay(DoctorPlace place, string path) =>
        path == place.Paths.Root || path == place.Paths.Directory || path == Path.Combine(place.Paths.Root, RepairJournal.FolderName);

    private static IEnumerable<string> Everything(DoctorPlace place)
    {
        if (ReferenceEquals(place.At, place.Site.Here))
        {
            foreach (var path in OfTheUser(place))
                yield return path;
        }

        var paths = place.Paths;
        foreach (var path in Walk(place, paths.Directory))
        {
            yield return path;
            // What was set aside keeps the permissions it had: the folder is closed.
            if (path == paths.QuarantineDirectory || path == paths.Directory)
                continue;
            foreach (var below in Walk(place, path).Skip(1))
                yield return below;
        }
    }

    private static IEnumerable<string> OfTheUser(DoctorPlace place)
    {
        var root = place.Paths.Root;
        yield return root;
        foreach (var folder in (string[])["locks", RepairJournal.FolderName])
        {
            foreach (var path in Walk(place, Path.Combine(root, folder)))
                yield return path;
        }

        foreach (var sockets in SocketDirectory.Candidates(place.Site.Host.Variable, place.Site.Disk))
            yield return sockets.Path;
    }

    // A folder and what lies directly in it, links not followed.
    private static IEnumerable<string> Walk(DoctorPlace place, string folder)
    {
        yield return folder;
        if (place.Site.Look(folder) is not { Kind: FileKind.Directory })
            yield break;
        string[] entries;
        try
        {
            entries = Directory.GetFileSystemEntries(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            yield break; // Closed or foreign: that is the finding; what lies in it is seen once it can be.
        }

        foreach (var entry in entries.Order(StringComparer.Ordinal))
            yield return entry;
    }

    private static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, mode);
    }

    private static string Octal(UnixFileMode mode) => Convert.ToString((int)mode, 8).PadLeft(4, '0');

    private static string NameOf(DoctorPlace place, string path) =>
        path == place.Paths.Directory || !path.StartsWith(place.Paths.Directory, StringComparison.Ordinal) ? path : Aside.Short(place, path);
}
