using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Tool.Doctor.Journal;
using CodexCompanion.Tool.Doctor.Legacy;

namespace CodexCompanion.Tool.Doctor.Checks;

/// <summary>What the Node runtime left: dead sockets in temp, brokers and app-servers nobody can reach any more, jobs that could be imported.</summary>
internal sealed class LegacyStateCheck : IDoctorCheck
{
    private const string DeadBroker = "dead-broker";
    private const string Unreachable = "unreachable";
    private const string Orphaned = "orphaned";

    /// <inheritdoc/>
    public string Id => "legacy-state";

    /// <inheritdoc/>
    public CheckCategory Category => CheckCategory.Surroundings;

    /// <inheritdoc/>
    public CheckScope Scope => CheckScope.User;

    /// <inheritdoc/>
    public string About => "what the Node runtime left: dead sockets, orphaned processes, jobs to import (only with --all, or named)";

    /// <inheritdoc/>
    public async Task<Inspection> InspectAsync(DoctorPlace place, CancellationToken cancellation)
    {
        var site = place.Site;
        if (!site.Everywhere && !site.Named.Contains(Id, StringComparer.Ordinal))
            return Inspection.Skipped("others' folders are looked at with --all");
        var findings = new List<Finding>();
        foreach (var folder in LegacyPlaces.BrokerFolders(site))
        {
            if (await LegacyBroker.OfAsync(site, folder) is { IsDead: true } broker && (broker.Removable.Count > 0 || broker.IsEmpty))
                findings.Add(new Finding(DeadBroker, folder, $"{folder} is of a Node broker that is gone", Remedy.Safe("remove its socket, its PID file, and the folder if nothing else is in it")));
        }

        var unreachable = LegacyBroker.Unreachable(site);
        if (unreachable.Count > 0)
            findings.Add(Running(Unreachable, "node-brokers", "of Node brokers whose sockets are gone", unreachable));
        if (LegacyServers.Orphaned(site) is { Count: > 0 } orphaned)
            findings.Add(Running(Orphaned, "node-app-servers", "of app-servers whose Node broker or worker is gone", orphaned));

        if (ToImport(site) is { } jobs)
            findings.Add(jobs);

        return Inspection.Of("nothing dead", findings, n => $"{n} things of the Node runtime");
    }

    /// <inheritdoc/>
    public async Task<Repair> RepairAsync(DoctorPlace place, Finding finding, RepairJournal journal)
    {
        var site = place.Site;
        switch (finding.Code)
        {
            case Unreachable:
                return await EndAsync(place, journal, () => LegacyBroker.Unreachable(site));
            case Orphaned:
                return await EndAsync(place, journal, () => LegacyServers.Orphaned(site));
        }

        if (!Directory.Exists(finding.Subject) || await LegacyBroker.OfAsync(site, finding.Subject) is not { IsDead: true } broker)
            return new Repair.NotNeeded();
        foreach (var path in broker.Removable)
            journal.Do(new JournalStep(Id, StepKind.Removed, path), () => File.Delete(path));
        if (Directory.GetFileSystemEntries(broker.Folder).Length > 0)
            return new Repair.Done("removed; its log was left in the folder");
        journal.Do(new JournalStep(Id, StepKind.RemovedFolder, broker.Folder), () => Directory.Delete(broker.Folder));
        return new Repair.Done("removed");
    }

    private static Finding? ToImport(DoctorSite site)
    {
        var all = LegacyImport.Targets(site).Select(at => (at.Name, Jobs: LegacyImport.Candidates(site, at))).Where(found => found.Jobs.Count > 0).ToList();
        if (all.Count == 0)
            return null;
        var where = site.Everywhere ? Words.Count(all.Count, "workspace") : "this workspace";
        return new Finding("jobs", "jobs", $"{Words.Count(all.Sum(found => found.Jobs.Count), "finished job")} of the Node runtime could be imported into {where}", Remedy.Manual("copy them, if they are wanted", site.Line([], "--import-legacy")))
        {
            Severity = Severity.Warning,
            Evidence = [.. all.SelectMany(found => found.Jobs.Select(job => $"{job.Id} ({job.Status.ToString().ToLowerInvariant()}) of {found.Name}"))],
        };
    }

    private static Finding Running(string code, string subject, string whose, IReadOnlyList<FoundProcess> processes) =>
        new(code, subject, $"{Words.Count(processes.Count, "process", "processes")} {whose} still run{(processes.Count == 1 ? "s" : "")}", Remedy.Risky("end them by their identity"))
        {
            Evidence = [.. processes.Select(process => $"still running: {process}")],
        };

    private async Task<Repair> EndAsync(DoctorPlace place, RepairJournal journal, Func<IReadOnlyList<FoundProcess>> find)
    {
        if (find().Count == 0)
            return new Repair.NotNeeded();
        var left = await new DoctorRemains(place, journal, Id).EndAsync(find);
        return left.Count == 0 ? new Repair.Done("ended") : new Repair.Refused($"process {string.Join(", ", left)} does not end");
    }
}
