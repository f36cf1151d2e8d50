using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Jobs;

/// <summary>Where a run's progress goes besides the job's record and log.</summary>
/// <param name="View">Shows it.</param>
/// <param name="Json">Whether a program reads our output: it gets one line with job and thread.</param>
/// <param name="Verbose">Whether the trail is shown.</param>
/// <param name="GetsResult">Whether it is shown the result as well, once that is recorded.</param>
internal sealed record RunAudience(ProgressView View, bool Json, bool Verbose, bool GetsResult)
{
    /// <summary>Whether the job's result has reached somebody with this end: a failure is told, but its result is not.</summary>
    public bool Collects(JobEnd end) => GetsResult && (Json || end.Error is null);
}

/// <summary>Runs a recorded job in this process to its end, and records that. The same for foreground runs and workers.</summary>
internal static class JobRunner
{
    /// <summary>Runs it. Whatever happens, the job does not go on saying that it runs.</summary>
    /// <param name="host">What comes from outside.</param>
    /// <param name="store">The workspace's state.</param>
    /// <param name="job">The job.</param>
    /// <param name="recorded">Completes when it is recorded; when it fails, so does this, with its exception.</param>
    /// <param name="work">Its work.</param>
    /// <param name="audience">Who watches.</param>
    /// <param name="signals">Ends the run.</param>
    /// <param name="remarks">What is to be said before the turn.</param>
    /// <returns>The end, and a sentence on why it could not be recorded in full; null when it was.</returns>
    public static async Task<(JobEnd End, string? Problem)> RunAsync(
        ToolHost host,
        IStateStore store,
        JobRecord job,
        Task recorded,
        IJobWork work,
        RunAudience audience,
        IStopSignals signals,
        IReadOnlyList<Remark> remarks)
    {
        var journal = new JobJournal(store, job.Id, recorded, host.Time);
        await using var asked = signals.Stop.Register(journal.CancelRequested);
        var narrator = new RunNarrator(job.Id, journal, audience.View, host.Streams, audience.Json, audience.Verbose);
        foreach (var remark in remarks)
            narrator.Say(remark);
        if (work.Turn.MayWrite)
            await recorded; // Of two writers who begin at once, one sees the other.
        await using var run = host.CreateRun(host, work.Setup with { Recorded = recorded }); // It hangs up while the end is recorded, and what is too old is removed.
        var outcome = await WriterQueue.AwaitAsync(host, store, job, work, narrator, signals.Stop) ?? await RunAsync(work, run, narrator, recorded, signals.Stop);
        await recorded;
        if (outcome is Outcome.Failed failed && store.ReadJob(job.Id).Value is { CancelRequestedAt: not null })
            outcome = Cancelled(failed);
        if (!audience.GetsResult)
            await run.DisposeAsync(); // Others wait for this end, and may resume the thread once they see it.
        var facts = new RunFacts(narrator.ThreadId, narrator.Notes, signals.Signal, new CommandNames(job.SessionId));
        var end = work.Conclude(outcome, facts);
        DateTimeOffset? collected = audience.Collects(end) ? host.Time.GetUtcNow() : null;
        JobRecord Ended(JobRecord last) =>
            JobRecording.Ended(last, end, narrator.ThreadId, narrator.Notes) with { CollectedAt = last.CollectedAt ?? collected };
        var refusal = await journal.EndAsync(Ended);
        JobRecording.RemoveOlder(store, host.Time.GetUtcNow());
        if (refusal is null)
            return (end, null);
        var problem = "The job could not be recorded in full: " + Plain.OneLine(refusal);
        return (work.Conclude(outcome, facts with { Notes = [.. facts.Notes, problem] }), problem); // Programs read it in the result.
    }

    // Whoever cancels may stop the turn by way of the broker: then it fails under our feet, and that is the cancel.
    private static Outcome.Cancelled Cancelled(Outcome.Failed failed) =>
        new(new StopProof(InterruptSent: true, TurnEnded: failed.Kind != FailureKind.ConnectionLost, [], failed.Message)) { Result = failed.Result };

    private static async Task<Outcome> RunAsync(IJobWork work, ITurnRun run, RunNarrator narrator, Task recorded, CancellationToken stop)
    {
        try
        {
            return await work.RunAsync(run, narrator, stop);
        }
        catch (Exception fault) when (!recorded.IsFaulted)
        {
            // A fault of ours must not leave a job that says it is running.
            narrator.On(new RunEvent.Block("Internal error", fault.ToString()));
            return new Outcome.Failed(FailureKind.Internal, $"{fault.GetType().Name}: {fault.Message}");
        }
    }
}
