using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Doctor.Journal;

namespace CodexCompanion.Tool.Doctor.Checks;

/// <summary>
/// Sockets nobody listens on. One is removed only if it lies in our folder, has our kind of name, is ours, is a socket, refuses twice, and
/// no broker of any workspace holds its instance's lock.
/// </summary>
internal sealed class StaleSocketsCheck : IDoctorCheck
{
    private const string Extension = ".sock";

    // Between bind and listen lie microseconds; a broker caught there by the first look answers the second.
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc/>
    public string Id => "stale-sockets";

    /// <inheritdoc/>
    public CheckCategory Category => CheckCategory.Sockets;

    /// <inheritdoc/>
    public CheckScope Scope => CheckScope.User;

    /// <inheritdoc/>
    public string About => "sockets of brokers that nobody listens on";

    /// <inheritdoc/>
    public async Task<Inspection> InspectAsync(DoctorPlace place, CancellationToken cancellation)
    {
        if (OperatingSystem.IsWindows())
            return Inspection.Ok("pipes go with their broker here");
        var all = Sockets(place.Site);
        var silent = new List<string>();
        foreach (var path in all)
        {
            if (await RefusesAsync(place.Site, path))
                silent.Add(path);
        }

        if (silent.Count > 0)
            await Task.Delay(BetweenLooks, place.Site.Host.Time, cancellation);
        var findings = new List<Finding>();
        foreach (var path in silent)
        {
            if (await RefusesAsync(place.Site, path) && !IsLocked(place.Site, path))
                findings.Add(new Finding("stale", path, $"nobody listens on {path}", Remedy.Safe("remove it")));
        }

        var living = all.Count - findings.Count;
        return Inspection.Of(living == 0 ? "none" : $"none; {living} in use", findings, n => $"{n} sockets nobody listens on");
    }

    /// <inheritdoc/>
    public async Task<Repair> RepairAsync(DoctorPlace place, Finding finding, RepairJournal journal)
    {
        var path = finding.Subject;
        if (!IsOurs(place.Site, path) || !await RefusesAsync(place.Site, path) || IsLocked(place.Site, path))
            return new Repair.NotNeeded();
        journal.Do(new JournalStep(Id, StepKind.Removed, path), () => File.Delete(path));
        return new Repair.Done("removed");
    }

    private static List<string> Sockets(DoctorSite site)
    {
        var found = new List<string>();
        foreach (var folder in SocketDirectory.Candidates(site.Host.Variable, site.Disk).Select(candidate => candidate.Path))
        {
            if (!IsOurFolder(site, folder))
                continue;
            try
            {
                found.AddRange(Directory.EnumerateFileSystemEntries(folder).Where(path => IsOurs(site, path)).Order(StringComparer.Ordinal));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // permissions tells why it cannot be read.
            }
        }

        return found;
    }

    private static bool IsOurFolder(DoctorSite site, string folder)
    {
        try
        {
            return site.Disk.Look(folder) is { Kind: FileKind.Directory } facts && facts.Owner == site.Disk.User;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // What cannot be looked at is not touched.
        }
    }

    private static bool IsOurs(DoctorSite site, string path)
    {
        try
        {
            return path.EndsWith(Extension, StringComparison.Ordinal)
                && BrokerRecord.IsValidInstanceId(InstanceOf(path))
                && site.Disk.Look(path) is { Kind: FileKind.Socket } facts
                && facts.Owner == site.Disk.User;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string InstanceOf(string path) => Path.GetFileNameWithoutExtension(path);

    private static async Task<bool> RefusesAsync(DoctorSite site, string path)
    {
        var connection = await BrokerEndpoint.ConnectAsync(path, site.Limits.Connect);
        if (connection is EndpointConnection.Open open)
            await open.Stream.DisposeAsync();
        return connection is EndpointConnection.Closed { Why.Kind: LossKind.Refused };
    }

    private static bool IsLocked(DoctorSite site, string path) =>
        site.Workspaces.Any(workspace => workspace.Store.InstanceLock(InstanceOf(path)).Probe().State == LockState.Held);
}
