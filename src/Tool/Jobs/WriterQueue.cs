using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Jobs;

/// <summary>
/// Two writing jobs in one tree get in each other's way. The second is told who else writes; an exclusive one waits: for whoever runs, and
/// for whoever was recorded before it. The order is the same for everybody, so that two who wait never wait for each other.
/// </summary>
internal static class WriterQueue
{
    // A turn takes minutes; a look reads the index.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(250);

    /// <summary>The jobs that write in this tree now, or are about to, this one left out.</summary>
    public static async Task<IReadOnlyList<JobRecord>> OthersAsync(ToolHost host, IStateStore store, string? jobId, JobReconciler reconciler) =>
        Writing(host.Processes(), await reconciler.NewestAsync(store, sessionId: null), jobId);

    // Without a process that may live there is nobody who writes: such a record must not keep others waiting for ever.
    private static IReadOnlyList<JobRecord> Writing(IProcessTable processes, IEnumerable<JobRecord> jobs, string? jobId) =>
        [.. jobs.Where(job => job is { IsFinished: false, Write: true } && job.Id != jobId && job.Process is { } process && processes.Look(process) is ProcessPresence.Same or ProcessPresence.Unknown)];

    /// <summary>The sentence for whoever writes beside others.</summary>
    public static string Sentence(JobRecord other) =>
        $"{other.Id} ({Plain.OneLine(other.Summary ?? other.Title ?? "no title")}) may change files in this tree at the same time; --exclusive waits for it.";

    /// <summary>Waits for an exclusive job's turn to write; tells any other writing job who else writes.</summary>
    /// <returns>Null when the job may begin; how it ended if it was stopped before.</returns>
    public static async Task<Outcome?> AwaitAsync(
        ToolHost host, IStateStore store, JobRecord job, IJobWork work, RunNarrator narrator, CancellationToken stop)
    {
        if (!work.Turn.MayWrite)
            return null;
        try
        {
            var reconciler = new JobReconciler(host, work.Setup.Limits);
            if (work.Exclusive)
                return await WaitAsync(host, store, job, reconciler, narrator, stop);
            foreach (var other in await OthersAsync(host, store, job.Id, reconciler))
                narrator.On(new RunEvent.Note(Sentence(other)));
            return null;
        }
        catch (StateStoreException refused) when (!work.Exclusive)
        {
            narrator.Say(new Remark($"It could not be looked up who else writes in this tree: {refused.Message}", Shown: false));
            return null;
        }
        catch (StateStoreException refused)
        {
            return new Outcome.Failed(FailureKind.Internal, $"It could not be looked up who else writes in this tree: {refused.Message}");
        }
    }

    private static async Task<Outcome?> WaitAsync(
        ToolHost host, IStateStore store, JobRecord job, JobReconciler reconciler, RunNarrator narrator, CancellationToken stop)
    {
        string? named = null;
        while (true)
        {
            var mine = store.ReadJob(job.Id).Value ?? job;
            if (stop.IsCancellationRequested || mine.IsFinished)
                return new Outcome.Cancelled(StopProof.NothingRan);
            var first = (await OthersAsync(host, store, job.Id, reconciler)).LastOrDefault(other => GoesFirst(other, mine));
            if (first is null)
            {
                var begun = Begin(host, store, job.Id);
                if (begun.Status != JobStatus.Queued)
                    return begun.IsFinished ? new Outcome.Cancelled(StopProof.NothingRan) : null;
                continue;
            }

            if (first.Id != named)
                narrator.On(new RunEvent.Progress("waiting", $"Waiting for {first.Id} ({Plain.OneLine(first.Summary ?? "no title")}), which writes in this tree."));
            named = first.Id;
            await Task.Delay(LookAgain, host.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Looked at again under the state's lock: of two who saw each other wait, one begins first, and the other sees that.
    private static JobRecord Begin(ToolHost host, IStateStore store, string jobId)
    {
        var processes = host.Processes();
        var read = store.UpdateJob(jobId, mine =>
            mine.Status == JobStatus.Queued && !Writing(processes, store.ListNewestJobs(sessionId: null), jobId).Any(other => GoesFirst(other, mine))
                ? JobStart.Begun(mine, host.Time)
                : mine);
        return read.Value ?? throw new StateStoreException(StateFailure.InvalidJob, read.Detail ?? $"The record of {jobId} has gone.");
    }

    private static bool GoesFirst(JobRecord other, JobRecord mine) =>
        other.Status == JobStatus.Running || (other.CreatedAt, other.Id).CompareTo((mine.CreatedAt, mine.Id)) < 0;
}
