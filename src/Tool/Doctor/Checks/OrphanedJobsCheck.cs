using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Doctor.Journal;
using CodexCompanion.Tool.Jobs;

namespace CodexCompanion.Tool.Doctor.Checks;

/// <summary>
/// Jobs that say they are at work while their process is gone and no broker runs their turn. They are marked failed, their log is kept, and
/// where Codex's own record of the thread has their result it is taken from there. What is not known (no recorded process, another PID
/// namespace) is left alone.
/// </summary>
internal sealed class OrphanedJobsCheck(ThreadSalvage threads) : IDoctorCheck
{
    private const string Orphaned = "orphaned";
    private const string Unrecovered = "unrecovered";

    /// <inheritdoc/>
    public string Id => "orphaned-jobs";

    /// <inheritdoc/>
    public CheckCategory Category => CheckCategory.Jobs;

    /// <inheritdoc/>
    public CheckScope Scope => CheckScope.Workspace;

    /// <inheritdoc/>
    public string About => "jobs that say running while their worker is gone, and results of such jobs that Codex may still have";

    /// <inheritdoc/>
    public async Task<Inspection> InspectAsync(DoctorPlace place, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        var jobs = AllOf(place.Workspace.Jobs).ToList();
        foreach (var job in jobs.Where(job => !job.IsFinished))
        {
            if (!await Reconciler(place).IsLostAsync(place.Store, job))
                continue;
            var process = job.Process!;
            var why = place.Site.Processes.Look(process) == ProcessPresence.Other
                ? $"PID {process.Pid} is another process now"
                : $"process {process.Pid} has ended";
            findings.Add(new Finding(Orphaned, job.Id, $"{job.Id} says {Word(job)}, its worker is gone ({why})", Remedy.Safe("mark it failed, keep its log; take its result from Codex's own record, if it is there")));
        }

        // Without a codex there is nobody to ask; that is what codex-install tells.
        var unasked = jobs.Where(JobRecovery.MayHelp).ToList();
        findings.AddRange(unasked.Where(_ => CodexProbe.Find(place) is CodexLookup.Found).Select(job => new Finding(
            Unrecovered, job.Id, $"{job.Id} was lost with its worker, and Codex was not asked yet what became of its turn", Remedy.Safe("take its result from Codex's own record, if it is there"))
        {
            Severity = Severity.Warning,
        }));
        var atWork = jobs.Count(job => !job.IsFinished);
        return Inspection.Of(
            atWork == 0 ? "none" : $"none; {Words.Count(atWork, "job")} at work", findings, n => $"{n} jobs were lost with their workers");
    }

    /// <inheritdoc/>
    public async Task<Repair> RepairAsync(DoctorPlace place, Finding finding, RepairJournal journal)
    {
        var id = finding.Subject;
        if (Current(place, id) is not { } job)
            return new Repair.NotNeeded();
        if (finding.Code == Unrecovered)
            return JobRecovery.MayHelp(job) ? await RecoverAsync(place, job, journal) : new Repair.NotNeeded();

        if (!await Reconciler(place).IsLostAsync(place.Store, job))
            return new Repair.NotNeeded();
        var step = KeptBefore(place, journal, id);
        var marked = await Reconciler(place).OneAsync(place.Store, job); // Looks again, under the lock.
        if (Current(place, id) is not { IsFinished: true })
            return new Repair.Refused("it could not be marked");
        journal.Done(step);
        var (recovered, _) = await threads.RecoverAsync(place, marked, beforeChange: null); // The copy that was kept will do.
        return Told(recovered, $"marked {Word(recovered)}, log kept");
    }

    private async Task<Repair> RecoverAsync(DoctorPlace place, JobRecord job, RepairJournal journal)
    {
        JournalStep? step = null;
        var (recovered, obstacle) = await threads.RecoverAsync(place, job, () => step = KeptBefore(place, journal, job.Id));
        if (obstacle is not null)
            return new Repair.Refused(obstacle);
        if (step is not null)
            journal.Done(step);
        return Told(recovered, "looked: Codex has no result of it either");
    }

    private static Repair.Done Told(JobRecord job, string otherwise) =>
        new(job.Status == JobStatus.Completed ? "its result was taken from Codex's own record of the thread" : otherwise);

    // The record as it was is kept, so that it can be brought back.
    private JournalStep KeptBefore(DoctorPlace place, RepairJournal journal, string id)
    {
        var path = place.Paths.JobFile(id);
        var kept = place.Store.Repair("keep a job's record", repairs =>
        {
            var name = repairs.QuarantineName(path);
            return repairs.KeepCopy(path, name) ? name : null;
        });
        var step = new JournalStep(Id, StepKind.Replaced, path) { Kept = kept, Workspace = place.Paths.Directory };
        journal.Begin(step);
        return step;
    }

    private static JobReconciler Reconciler(DoctorPlace place) => new(place.Site.Host, place.Site.Limits);

    private static JobRecord? Current(DoctorPlace place, string id) =>
        place.Store.ReadJob(id).Value ?? place.Store.ReadIndex().Value?.FirstOrDefault(job => job.Id == id);

    // The files are the truth; the old runtime's index may know a job whose file is gone.
    private static IEnumerable<JobRecord> AllOf(JobsLook jobs) => jobs.Files.Values
        .Select(read => read.Value)
        .OfType<JobRecord>()
        .Concat((jobs.Index.Value ?? []).Where(entry => !jobs.Files.ContainsKey(entry.Id)));

    private static string Word(JobRecord job) => job.Status.ToString().ToLowerInvariant();
}
