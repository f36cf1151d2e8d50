using CodexCompanion.Pipeline.Processes;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Doctor.Journal;

namespace CodexCompanion.Tool.Doctor.Checks;

/// <summary>
/// App-servers, and commands they started, whose owner is gone. Each carries its owner's name in its environment: a broker's instance, or
/// the job of a run without a broker. A broker's own process carries the bare name, so that nobody has the bare name proves the broker gone.
/// </summary>
internal sealed class OrphanProcessesCheck : IDoctorCheck
{
    // What a run without a broker calls its app-server, before the id of its job.
    private const string DirectPrefix = "direct-";

    /// <inheritdoc/>
    public string Id => "orphan-processes";

    /// <inheritdoc/>
    public CheckCategory Category => CheckCategory.Processes;

    /// <inheritdoc/>
    public CheckScope Scope => CheckScope.User;

    /// <inheritdoc/>
    public string About => "app-servers and their commands that outlived their broker or run";

    /// <inheritdoc/>
    public Task<Inspection> InspectAsync(DoctorPlace place, CancellationToken cancellation)
    {
        if (!OperatingSystem.IsLinux())
            return Task.FromResult(Inspection.Skipped("looks at processes through /proc, which this system lacks"));
        var marked = Marked(place.Site);
        var findings = marked.GroupBy(m => m.Value, StringComparer.Ordinal)
            .Where(group => IsOrphaned(place.Site, group.Key, marked))
            .Select(group => Orphans(group.Key, [.. group]))
            .ToList();
        var living = marked.Count - findings.Sum(f => f.Evidence.Count);
        return Task.FromResult(Inspection.Of(
            living == 0 ? "none" : $"none; {Words.Count(living, "process", "processes")} of ours at work", findings, n => $"processes of {n} owners that are gone still run"));
    }

    /// <inheritdoc/>
    public async Task<Repair> RepairAsync(DoctorPlace place, Finding finding, RepairJournal journal)
    {
        if (Find(place.Site, finding.Subject).Count == 0)
            return new Repair.NotNeeded();
        var left = await new DoctorRemains(place, journal, Id).EndAsync(() => Find(place.Site, finding.Subject));
        return left.Count == 0 ? new Repair.Done("ended") : new Repair.Refused($"process {string.Join(", ", left)} does not end");
    }

    private static List<FoundProcess> Find(DoctorSite site, string value)
    {
        var marked = Marked(site);
        return IsOrphaned(site, value, marked) ? [.. marked.Where(m => m.Value == value).Select(m => m.Process)] : [];
    }

    private static IReadOnlyList<MarkedProcess> Marked(DoctorSite site) => new ProcessTree(site.Processes).AllMarked(ProcessTree.InstanceVariable);

    private static bool IsOrphaned(DoctorSite site, string value, IReadOnlyList<MarkedProcess> marked)
    {
        if (value.StartsWith(DirectPrefix, StringComparison.Ordinal))
            return IsOver(site, value[DirectPrefix.Length..]);
        var dot = value.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || !BrokerRecord.IsValidInstanceId(value[..dot]))
            return false; // A broker itself, or no name of ours.
        var instance = value[..dot];
        return !marked.Any(m => m.Value == instance)
            && !site.Workspaces.Any(workspace => workspace.Store.InstanceLock(instance).Probe().State == LockState.Held);
    }

    // A job of another state root is not known here, and so not over.
    private static bool IsOver(DoctorSite site, string jobId) =>
        site.Workspaces.Select(workspace => workspace.Store.ReadJob(jobId).Value).FirstOrDefault(job => job is not null) is { Process: { } process }
        && site.Processes.Look(process) is ProcessPresence.Gone or ProcessPresence.Other;

    private static Finding Orphans(string value, IReadOnlyList<MarkedProcess> processes)
    {
        var owner = value.StartsWith(DirectPrefix, StringComparison.Ordinal) ? $"the run of {value[DirectPrefix.Length..]}" : $"broker {value.Split('.')[0]}";
        var who = string.Join(", ", processes.Select(p => p.Process));
        return new Finding(
            "orphaned", value, $"{owner} is gone, and {Words.Count(processes.Count, "process it started still runs", "processes it started still run")}: {who}", Remedy.Risky("end them by their identity"))
        {
            Evidence = [.. processes.Select(p => $"{p.Process} carries {ProcessTree.InstanceVariable}={p.Value}")],
        };
    }
}
