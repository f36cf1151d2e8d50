using CodexCompanion.Pipeline.Recovery;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Commands;

namespace CodexCompanion.Tool.Jobs;

/// <summary>
/// Recovers the result of a job whose worker died: Codex keeps its own record of the thread, and a turn that had completed stands there. Once
/// per job, and never while its old server may still run the turn.
/// </summary>
internal sealed class JobRecovery(ToolHost host)
{
    /// <summary>Whether there is anything to try for a job.</summary>
    public static bool MayHelp(JobRecord job) =>
        job is { Status: JobStatus.Failed, ErrorCode: JobErrorCodes.WorkerLost, RecoveryTriedAt: null, ThreadId: not null };

    /// <summary>Tries, if it has not been tried before.</summary>
    /// <param name="store">The state.</param>
    /// <param name="entry">The job.</param>
    /// <param name="beforeChange">Is called once something is known, just before the record changes; null for nothing.</param>
    /// <returns>The job as it stands then.</returns>
    public async Task<JobRecord> TryAsync(IStateStore store, JobRecord entry, Action? beforeChange = null)
    {
        if (!MayHelp(entry) || store.ReadJob(entry.Id).Value is not { } job || !MayHelp(job))
            return store.ReadJob(entry.Id).Value ?? entry;
        if (JobKinds.Rebuild(host, store, job).Value is not { } work)
            return job;

        try
        {
            var finding = await LostTurnLook.AskAsync(host, store, job, work.Turn, work.Setup.Limits, work.Setup.CodexPath);
            if (finding is TurnFinding.Read)
                beforeChange?.Invoke();
            return Conclude(store, job, work, finding);
        }
        catch (StateStoreException)
        {
            return job; // It could not be recorded, so the next one may try again.
        }
    }

    private JobRecord Conclude(IStateStore store, JobRecord job, IJobWork work, TurnFinding finding)
    {
        if (finding is not TurnFinding.Read { Fate: var fate })
        {
            // Nothing was read, so nothing was tried.
            store.AppendJobLog(job.Id, $"Its result could not be recovered: {Sentence(finding)}");
            return job;
        }

        if (fate is TurnFate.Completed { Result: var result })
        {
            const string Note = "The worker died when the turn had just completed; its result was taken from Codex's own record.";
            IReadOnlyList<string> notes = [.. job.RecoveryNotes ?? [], Note];
            var facts = new RunFacts(job.ThreadId, notes, Signal: null, new CommandNames(job.SessionId));
            var end = work.Conclude(new Outcome.Completed(result), facts);
            store.AppendJobLog(job.Id, Note);
            return Updated(store, job, current => JobRecording.Ended(current, end, job.ThreadId, notes) with { RecoveryTriedAt = host.Time.GetUtcNow() });
        }

        var told = $"{job.ErrorMessage} {Sentence(fate)}";
        store.AppendJobLog(job.Id, Sentence(fate));
        var partial = fate switch
        {
            TurnFate.Interrupted interrupted => interrupted.Partial.FinalText,
            TurnFate.Failed failed => failed.Failure.Result?.FinalText,
            _ => null,
        };
        return Updated(store, job, current => current with
        {
            ErrorMessage = told,
            Rendered = string.IsNullOrEmpty(partial) ? current.Rendered : partial,
            RecoveryTriedAt = host.Time.GetUtcNow(),
        });
    }

    // Somebody else may have recovered it, or marked it, at the same time: then theirs stands.
    private static JobRecord Updated(IStateStore store, JobRecord job, Func<JobRecord, JobRecord> change) =>
        store.UpdateJob(job.Id, current => MayHelp(current) ? change(current) : current).Value ?? job;

    private static string Sentence(TurnFinding finding) => finding switch
    {
        TurnFinding.MayStillRun running => running.Sentence,
        TurnFinding.Unreadable unreadable => unreadable.Sentence,
        _ => "",
    };

    private static string Sentence(TurnFate fate) => fate switch
    {
        TurnFate.Interrupted => "Codex's own record says that the turn was cut short.",
        TurnFate.Failed failed => $"Codex's own record says that the turn failed: {failed.Failure.Message}",
        TurnFate.NotThere => "Codex's own record does not have the turn: it never began.",
        _ => "Codex's own record does not tell what became of the turn.",
    };
}
