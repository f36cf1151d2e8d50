using System.Globalization;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.Tool.Doctor.Journal;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Doctor.Checks;

/// <summary>Whether there is a place for the state, ours, writable and with room, and folders where folders belong.</summary>
internal sealed class StateDirectoryCheck : IDoctorCheck
{
    /// <summary>Code of a finding that keeps everybody from looking any further: a folder that is not ours, or no folder.</summary>
    public const string Closed = "closed";

    private const string NotAFolder = "not-a-folder";

    // A job's record and log take some ten kilobytes; a write that does not fit keeps the old file, and the tool does not start a job.
    private const long FullBelow = 1024 * 1024;

    // Room for a thousand jobs more: time to tell somebody.
    private const long ScarceBelow = 64L * 1024 * 1024;

    /// <inheritdoc/>
    public string Id => "state-directory";

    /// <inheritdoc/>
    public CheckCategory Category => CheckCategory.State;

    /// <inheritdoc/>
    public CheckScope Scope => CheckScope.Workspace;

    /// <inheritdoc/>
    public bool NeedsState => false;

    /// <inheritdoc/>
    public string About => "the state root and this workspace's folders: there, ours, writable, with room on the disk";

    /// <inheritdoc/>
    public Task<Inspection> InspectAsync(DoctorPlace place, CancellationToken cancellation) => Task.FromResult(Inspect(place));

    /// <inheritdoc/>
    public Task<Repair> RepairAsync(DoctorPlace place, Finding finding, RepairJournal journal)
    {
        if (place.Site.Disk.Look(finding.Subject) is null or { Kind: FileKind.Directory })
            return Task.FromResult<Repair>(new Repair.NotNeeded());
        var kept = Aside.MoveWithoutLock(place, journal, Id, finding.Subject);
        place.Store.EnsureCreated();
        return Task.FromResult<Repair>(new Repair.Done($"set aside as {kept}, and made the folder anew"));
    }

    private static Inspection Inspect(DoctorPlace place)
    {
        var site = place.Site;
        if (site.Root is not { } root)
            return NoRoot(site);
        var findings = new List<Finding>();
        if (Refusal(site, root) is { } refused)
            findings.Add(refused);
        else
            findings.AddRange([.. SharedFolders(site, root), .. place.At is null ? [] : FoldersOf(place)]);
        if (findings.Count == 0 && Room(root) is { } scarce)
            findings.Add(scarce);
        var ok = !Directory.Exists(root) ? "not made yet; the first task makes it"
            : place.At is { Exists: false } ? "private, writable; nothing is recorded of this workspace yet"
            : "private, writable";
        return Inspection.Of(ok, findings, n => $"{n} things are in the way") with { Evidence = [root] };
    }

    private static Inspection NoRoot(DoctorSite site)
    {
        var command = site.Host.Variable(StateRoot.Variable) is null ? "export HOME=~" : $"unset {StateRoot.Variable}";
        var finding = new Finding("no-root", "", site.WhyNoRoot!.TrimEnd('.'), Remedy.Manual("name a place for the state", command));
        return Inspection.Of("", [finding], _ => "");
    }

    private static Finding? Refusal(DoctorSite site, string root)
    {
        try
        {
            var facts = site.Disk.Look(root);
            if (facts is null)
            {
                var parent = NearestParent(root);
                return WriteAccess.Refusal(parent) is { } why
                    ? Unusable(parent, why, Remedy.Manual("make it writable, or put the state elsewhere", ElsewhereCommand))
                    : null;
            }

            if (facts.Kind == FileKind.Link)
                return Shut(root, "is a symbolic link; a link is not followed here", Remedy.Manual("name the folder itself", $"export {StateRoot.Variable}=\"$(readlink -f {Quoted(root)})\""));
            if (facts.Kind != FileKind.Directory)
                return Shut(root, "is not a folder", Remedy.Manual("move it out of the way", $"mv {Quoted(root)} {Quoted(root + ".aside")}"));
            if (facts.Owner is { } owner && site.Disk.User is { } user && owner != user)
                return Shut(root, $"belongs to user {owner}, not to you ({user})", Remedy.Manual("make it yours", $"sudo chown -R {user} {Quoted(root)}"));
            return WriteAccess.Refusal(root) is { } refusal && facts.Mode?.HasFlag(NativeDisk.PrivateFolder) != false
                ? Unusable(root, refusal, Remedy.Manual("make it writable, or put the state elsewhere", ElsewhereCommand))
                : null; // Closed by its own mode: permissions sees to that.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Shut(root, $"cannot be looked at: {e.Message}", Remedy.Manual("put the state elsewhere", ElsewhereCommand));
        }
    }

    // Those of all workspaces: without the first no repair can be written down, so it is not doctor who moves them.
    private static IEnumerable<Finding> SharedFolders(DoctorSite site, string root) =>
        from folder in (string[])[Path.Combine(root, RepairJournal.FolderName), Path.Combine(root, "locks")]
        where site.Look(folder) is { Kind: not FileKind.Directory }
        select new Finding("in-the-way", folder, $"{folder} is not a folder", Remedy.Manual("move it out of the way", $"mv {Quoted(folder)} {Quoted(folder + ".aside")}"));

    private static IEnumerable<Finding> FoldersOf(DoctorPlace place)
    {
        var paths = place.Paths;
        var site = place.Site;
        switch (site.Look(paths.Directory))
        {
            case null:
                yield break; // Not made yet; or the root is closed by its own mode, which permissions sees to.
            case { Kind: not FileKind.Directory }:
                yield return Shut(paths.Directory, "is not a folder", Remedy.Manual("move it out of the way", $"mv {Quoted(paths.Directory)} {Quoted(paths.Directory + ".aside")}"));
                yield break;
            case { Owner: { } owner } when site.Disk.User is { } user && owner != user:
                yield return Shut(paths.Directory, $"belongs to user {owner}, not to you ({user})", Remedy.Manual("make it yours", $"sudo chown -R {user} {Quoted(paths.Directory)}"));
                yield break;
        }

        foreach (var folder in (string[])[paths.QuarantineDirectory, paths.LocksDirectory, paths.JobsDirectory, paths.LogsDirectory, paths.ResultsDirectory])
        {
            if (site.Look(folder) is not { Kind: not FileKind.Directory } facts)
                continue;
            var name = Path.GetFileName(folder);
            var isLink = facts.Kind == FileKind.Link && Directory.Exists(folder);
            yield return new Finding(
                NotAFolder,
                folder,
                isLink ? $"{name} is a link to {new FileInfo(folder).LinkTarget}; a link is not followed here" : $"{name} is not a folder",
                isLink ? Remedy.Risky("set the link aside and make the folder anew") : Remedy.Safe("set it aside and make the folder anew"));
        }
    }

    private static Finding? Room(string root)
    {
        try
        {
            var free = new DriveInfo(NearestParent(root)).AvailableFreeSpace;
            if (free >= ScarceBelow)
                return null;
            var said = string.Create(CultureInfo.InvariantCulture, $"{free / 1024.0 / 1024.0:0.0} MiB are free on the disk of {root}");
            return new Finding("disk-full", root, said, Remedy.Manual($"make room, or put the state elsewhere by {StateRoot.Variable}", $"df -h {Quoted(NearestParent(root))}"))
            {
                Severity = free < FullBelow ? Severity.Problem : Severity.Warning,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null; // A file system that does not tell.
        }
    }

    private static string ElsewhereCommand => $"export {StateRoot.Variable}=/path/on/a/writable/disk";

    private static Finding Shut(string path, string why, Remedy remedy) => new(Closed, path, $"{path} {why}", remedy);

    private static Finding Unusable(string path, string why, Remedy remedy) => new("unusable", path, $"{path} {why}", remedy);

    private static string Quoted(string path) => ShellWord.Of(path);

    private static string NearestParent(string path)
    {
        var parent = path;
        while (!Directory.Exists(parent) && Path.GetDirectoryName(parent) is { } above)
            parent = above;
        return parent;
    }
}
