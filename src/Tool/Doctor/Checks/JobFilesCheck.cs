using CodexCompanion.Pipeline.Recovery;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.StateStore.Repairs;
using CodexCompanion.Tool.Doctor.Journal;

namespace CodexCompanion.Tool.Doctor.Checks;

/// <summary>
/// Whether every job's record can be read, and nothing else lies among them. A torn record is set aside and made anew from the index, the
/// job's log and Codex's own record of the thread; so is one that is lost while its log is there.
/// </summary>
internal sealed class JobFilesCheck(ThreadSalvage threads) : IDoctorCheck
{
    private const string Torn = "torn";
    private const string Lost = "lost";
    private const string Strange = "strange";

    /// <inheritdoc/>
    public string Id => "job-files";

    /// <inheritdoc/>
    public CheckCategory Category => CheckCategory.Jobs;

    /// <inheritdoc/>
    public CheckScope Scope => CheckScope.Workspace;

    /// <inheritdoc/>
    public string About => "each job's record: readable, there, and nothing strange beside it";

    /// <inheritdoc/>
    public Task<Inspection> InspectAsync(DoctorPlace place, CancellationToken cancellation)
    {
        var jobs = place.Workspace.Jobs;
        var findings = jobs.Files.Select(file => JudgeFile(place, jobs, file.Key, file.Value)).OfType<Finding>().ToList();
        findings.AddRange(jobs.Logs
            .Where(id => !jobs.Files.ContainsKey(id) && JudgeLost(place, jobs, id))
            .Order(StringComparer.Ordinal)
            .Select(id => new Finding(Lost, id, $"{id} has a log and no record", Remedy.Safe("make its record anew from what is left"))));
        findings.AddRange(jobs.Strange.Select(path =>
            new Finding(Strange, path, $"{Aside.Short(place, path)} does not belong there", Remedy.Safe("set it aside")) { Severity = Severity.Warning }));
        var closed = jobs.Files.Count(file => file.Value.Kind == StateReadKind.Unreadable);
        return Task.FromResult(Inspection.Of(
            jobs.Files.Count == 0 ? "no jobs" : $"{Words.Count(jobs.Files.Count - closed, "record")} can be read{(closed > 0 ? $", {closed} cannot; permissions tells why" : "")}", findings, n => $"{n} records or files are damaged, lost or strange"));
    }

    /// <inheritdoc/>
    public async Task<Repair> RepairAsync(DoctorPlace place, Finding finding, RepairJournal journal)
    {
        if (finding.Code == Strange)
        {
            return place.Store.Repair("set a strange file aside", Repair (repairs) =>
                Aside.Move(place, repairs, journal, Id, finding.Subject) is { } kept ? new Repair.Done($"set aside as {kept}") : new Repair.NotNeeded());
        }

        var (repair, anew) = place.Store.Repair("make a job's record anew", repairs => Rebuild(place, finding, repairs, journal));
        return anew is null ? repair : new Repair.Done(await FillAsync(place, anew));
    }

    private (Repair Repair, Anew? Anew) Rebuild(DoctorPlace place, Finding finding, StateRepairs repairs, RepairJournal journal)
    {
        var id = finding.Subject;
        var read = place.Store.ReadJob(id);
        if (read.Kind is not (StateReadKind.Corrupt or StateReadKind.Missing))
            return (new Repair.NotNeeded(), null);
        var entry = repairs.IndexEntryOf(id);
        var root = place.Workspace.Workspace.Root is { Length: > 0 } known ? known : null;
        var log = JobLogReading.Of(place.Paths.JobLog(id));
        if (JobRebuild.From(id, entry, log, root) is not { } rebuilt)
        {
            var only = Aside.Move(place, repairs, journal, Id, read.Kind == StateReadKind.Corrupt ? place.Paths.JobFile(id) : place.Paths.JobLog(id));
            return (only is null ? new Repair.NotNeeded() : new Repair.Done($"set aside as {only}; neither index nor log tell anything of this job"), null);
        }

        var path = place.Paths.JobFile(id);
        var name = repairs.QuarantineName(path);
        var step = new JournalStep(Id, StepKind.Replaced, path) { Kept = name, Workspace = place.Paths.Directory };
        journal.Do(step, () =>
        {
            repairs.SetAside(path, name);
            repairs.WriteJob(rebuilt);
        });
        var aside = read.Kind == StateReadKind.Corrupt ? $"set aside as {Aside.Short(place, name)}, and " : "";
        return (new Repair.NotNeeded(), new Anew(rebuilt, aside, JobRebuild.SourcesOf(entry, log)));
    }

    // Codex is asked without the lock: it takes its time, and by then the record is as good as it can be without.
    private async Task<string> FillAsync(DoctorPlace place, Anew anew)
    {
        var job = anew.Job;
        var sources = anew.Sources;
        if (ThreadSalvage.MayHelp(job) && await threads.FindAsync(place, job) is TurnFinding.Read { Fate: not TurnFate.NotThere and not TurnFate.Unknown } found)
        {
            var filled = JobRebuild.Told(job, ThreadSalvage.Filled(job, found, place.Site.Host.Time.GetUtcNow()), sources);
            var isOurs = place.Store.Repair("fill a job's record", repairs =>
            {
                // Somebody may have read it meanwhile, which a finished job's record keeps.
                if (place.Store.ReadJob(job.Id).Value is not { Request: null } current || current.Status != job.Status)
                    return false;
                repairs.WriteJob(filled with { CollectedAt = current.CollectedAt });
                return true;
            });
            (job, sources) = isOurs ? (filled, $"{sources} and Codex's own record") : (job, sources);
        }

        var saved = (job.Request is not null, job.Rendered is not null) switch
        {
            (true, true) => "with its prompt and its result",
            (true, false) => "with its prompt; its result is lost",
            (false, true) => "with its result; its prompt is lost",
            _ => "its prompt and its result are lost",
        };
        return $"{anew.Aside}made anew from {sources}: {job.Status.ToString().ToLowerInvariant()}, {saved}";
    }

    private static Finding? JudgeFile(DoctorPlace place, JobsLook jobs, string id, StateRead<JobRecord> read)
    {
        switch (read.Kind)
        {
            case StateReadKind.Corrupt:
                var known = jobs.Index.Value?.Any(job => job.Id == id) == true || jobs.Logs.Contains(id);
                return new Finding(Torn, id, read.Detail!.TrimEnd('.'), Remedy.Safe(known ? "set it aside and make it anew from what is left" : "set it aside"));
            case StateReadKind.TooNew:
                return UnreadFile.TooNew(id, read.Detail!);
            case StateReadKind.Unreadable:
                return UnreadFile.Closed(place, id, place.Paths.JobFile(id), read.Detail!);
            default:
                return null;
        }
    }

    // A log alone: a job that is being made has its record first, so there is nothing to wait for.
    private static bool JudgeLost(DoctorPlace place, JobsLook jobs, string id) =>
        jobs.Index.Value?.Any(job => job.Id == id) == true || JobLogReading.Of(place.Paths.JobLog(id))?.FirstLine is not null;

    /// <summary>A record that was made anew.</summary>
    /// <param name="Job">The record.</param>
    /// <param name="Aside">What was done to the old one, with a comma; empty where there was none.</param>
    /// <param name="Sources">What it was made of.</param>
    private sealed record Anew(JobRecord Job, string Aside, string Sources);
}
