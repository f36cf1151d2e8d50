using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Doctor.Journal;

namespace CodexCompanion.Tool.Doctor.Checks;

/// <summary>
/// Jobs that say they are at work while their process is gone and no broker runs their turn. They are marked failed, and their log is kept.
/// What is not known (no recorded process, another PID namespace) is left alone.
/// </summary>
internal sealed class OrphanedJobsCheck : IDoctorCheck
{
    /// <inheritdoc/>
    public string Id => "orphaned-jobs";

    /// <inheritdoc/>
    public CheckCategory Category => CheckCategory.Jobs;

    /// <inheritdoc/>
    public CheckScope Scope => CheckScope.Workspace;

    /// <inheritdoc/>
    public string About => "jobs that say running while their worker is gone";

    /// <inheritdoc/>
    public async Task<Inspection> InspectAsync(DoctorPlace place, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        var atWork = AllOf(place.Workspace.Jobs).Where(job => !job.IsFinished).ToList();
        foreach (var job in atWork.Where(job => HasLostItsProcess(place.Site, job)))
        {
            if (await RunsInBrokerAsync(place, job))
                continue;
            var why = place.Site.Processes.Look(job.Process!) == ProcessPresence.Other
                ? $"PID {job.Process!.Pid} is another process now"
                : $"process {job.Process!.Pid} has ended";
            findings.Add(new Finding("orphaned", job.Id, $"{job.Id} says {Word(job)}, its worker is gone ({why})", Remedy.Safe("mark it failed, keep its log")));
        }

        return Inspection.Of(
            atWork.Count == 0 ? "none" : $"none; {Words.Count(atWork.Count, "job")} at work", findings, n => $"{n} jobs say they are at work, and their workers are gone");
    }

    /// <inheritdoc/>
    public async Task<Repair> RepairAsync(DoctorPlace place, Finding finding, RepairJournal journal)
    {
        var id = finding.Subject;
        if (Current(place, id) is not { } job || !HasLostItsProcess(place.Site, job) || await RunsInBrokerAsync(place, job))
            return new Repair.NotNeeded();

        // The record as it was is kept, so that it can be brought back.
        var path = place.Paths.JobFile(id);
        var kept = place.Store.Repair("keep a job's record", repairs =>
        {
            var name = repairs.QuarantineName(path);
            return repairs.KeepCopy(path, name) ? name : null;
        });
        var marked = job;
        journal.Do(
            new JournalStep(Id, StepKind.Replaced, path) { Kept = kept, Workspace = place.Paths.Directory },
            () => marked = place.Store.UpdateJob(id, current => HasLostItsProcess(place.Site, current) ? Lost(current) : current).Value ?? job);
        return marked.IsFinished ? new Repair.Done($"marked {Word(marked)}, log kept") : new Repair.NotNeeded();
    }

    private static bool HasLostItsProcess(DoctorSite site, JobRecord job) =>
        job is { IsFinished: false, Process: { } process } && site.Processes.Look(process) is ProcessPresence.Gone or ProcessPresence.Other;

    // A broker interrupts the turn of an owner that vanished; until that is over the job is at work.
    private static async Task<bool> RunsInBrokerAsync(DoctorPlace place, JobRecord job)
    {
        if (job.ThreadId is not { } thread || place.Store.ReadBroker().Value is not { } record)
            return false;
        var reach = await BrokerConnection.OpenAsync(record.Endpoint, jobId: null, sessionId: null, place.Site.Limits, new ServerRequestPolicy(place.Site.Host.Time));
        if (reach is not BrokerReach.Answered { Connection: var connection })
            return false;
        await using (connection)
        {
            try
            {
                var answer = await connection.CallAsync(
                    BrokerProtocol.TurnActive, new ThreadParams(thread, job.TurnId), BrokerJson.ThreadParams, BrokerJson.TurnActiveResult, place.Site.Limits.Handshake);
                return answer.Active;
            }
            catch (Exception e) when (e is RpcErrorException or RpcTimeoutException or ConnectionLostException or System.Text.Json.JsonException)
            {
                return e is RpcTimeoutException; // It lives and does not answer: what is unclear is left alone.
            }
        }
    }

    private static JobRecord? Current(DoctorPlace place, string id) =>
        place.Store.ReadJob(id).Value ?? place.Store.ReadIndex().Value?.FirstOrDefault(job => job.Id == id);

    // The files are the truth; the old runtime's index may know a job whose file is gone.
    private static IEnumerable<JobRecord> AllOf(JobsLook jobs) => jobs.Files.Values
        .Select(read => read.Value)
        .OfType<JobRecord>()
        .Concat((jobs.Index.Value ?? []).Where(entry => !jobs.Files.ContainsKey(entry.Id)));

    private static JobRecord Lost(JobRecord job) => job with
    {
        Status = JobStatus.Failed,
        Phase = "failed",
        Pid = null,
        ErrorCode = JobErrorCodes.WorkerLost,
        ErrorMessage = $"The worker died: process {job.Process?.Pid} ended without recording a result.",
        ExitCode = ExitCodes.Lost,
    };

    private static string Word(JobRecord job) => job.Status.ToString().ToLowerInvariant();
}
