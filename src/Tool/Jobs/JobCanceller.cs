using CodexCompanion.Pipeline;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Jobs;

/// <summary>What came of a cancel: closed, one of three.</summary>
internal abstract record JobCancel
{
    private JobCancel()
    {
    }

    /// <summary>The job is cancelled.</summary>
    /// <param name="Job">Its record.</param>
    /// <param name="Proof">What was proved.</param>
    internal sealed record Cancelled(JobRecord Job, StopProof Proof) : JobCancel;

    /// <summary>The job had ended otherwise, before or while it was being cancelled.</summary>
    internal sealed record AlreadyEnded(JobRecord Job) : JobCancel;

    /// <summary>It could not be cancelled.</summary>
    internal sealed record Failed(CommandError Error) : JobCancel;
}

/// <summary>
/// Cancels jobs, with proof. A queued job is marked and never begins. The process of a running one is asked first: it stops its turn with the
/// turn's commands, and records what it proved. One that does not answer is ended, and what it left behind is stopped from here.
/// </summary>
internal sealed class JobCanceller(ToolHost host, TimeLimits limits)
{
    // Of the time a cancel may take in all: so long the job's own process may take to stop its turn, which needs five seconds for a turn that
    // ignores its interrupt; what is left is enough to end that process and stop the turn from here.
    private const double ShareOfTheWorker = 0.7;

    // So long the state's lock is waited for before it is looked at who holds it: a lock that is held for milliseconds is got within.
    private const double ShareOfTheLock = 0.2;

    // Even when the time is up, the end is tried to be written down: the lock is most likely free.
    private static readonly TimeSpan LastPatience = TimeSpan.FromMilliseconds(500);

    private readonly IProcessTable _processes = host.Processes();

    /// <summary>Cancels a job of any workspace. Takes at most <see cref="TimeLimits.Cancel"/>.</summary>
    /// <param name="store">Where it is.</param>
    /// <param name="job">The job.</param>
    /// <param name="since">When the cancel was asked for, by the host's clock; null for just now.</param>
    public async Task<JobCancel> CancelAsync(IStateStore store, JobRecord job, long? since = null)
    {
        var begun = since ?? host.Time.GetTimestamp();
        try
        {
            var asked = AskUnlessStuck(store, job) ?? (IsHeldByWorkerOf(store, job) ? store.ReadJob(job.Id) : store.UpdateJob(job.Id, Ask, Rest()));
            if (asked.Value is not { } current)
                return new JobCancel.Failed(CommandError.State(asked.Detail ?? $"The record of {job.Id} has gone."));
            if (current.IsFinished)
                return Ended(store, job, current);

            var left = await EndWorkerAsync(current, Rest());
            var after = store.ReadJob(job.Id).Value ?? current;
            if (after.IsFinished)
                return Ended(store, job, after);
            var proof = await StopTurnAsync(store, after, Rest);
            proof = proof with { ProcessesLeft = [.. left.Select(process => process.ToString()), .. proof.ProcessesLeft] };
            var marked = store.UpdateJob(job.Id, last => last.IsFinished ? last : Marked(last, proof), Rest() > LastPatience ? Rest() : LastPatience);
            return Ended(store, job, marked.Value ?? Marked(after, proof));
        }
        catch (StateStoreException refused)
        {
            return new JobCancel.Failed(CommandError.State(refused));
        }

        TimeSpan Rest() => limits.Cancel - host.Time.GetElapsedTime(begun) is { Ticks: > 0 } rest ? rest : TimeSpan.Zero;
    }

    // Null when somebody holds the lock for longer than anybody should.
    private StateRead<JobRecord>? AskUnlessStuck(IStateStore store, JobRecord job)
    {
        try
        {
            return store.UpdateJob(job.Id, Ask, limits.Cancel * ShareOfTheLock);
        }
        catch (StateStoreException stuck) when (stuck.Failure == StateFailure.LockTimeout)
        {
            return null;
        }
    }

    // A process that was stopped in the middle of a write cannot be asked, and keeps everybody from writing: to end it gives the lock back.
    private static bool IsHeldByWorkerOf(IStateStore store, JobRecord job) =>
        job.Process is { } worker && store.Lock(StateLock.State).Probe() is { State: LockState.Held, Holder.Process: var holder } && holder == worker;

    private JobRecord Ask(JobRecord job) => job switch
    {
        { IsFinished: true } => job,
        { Status: JobStatus.Queued } => Marked(job, StopProof.NothingRan) with { CancelRequestedAt = host.Time.GetUtcNow() },
        _ => job with { CancelRequestedAt = job.CancelRequestedAt ?? host.Time.GetUtcNow(), Phase = "cancelling" },
    };

    private static JobCancel Ended(IStateStore store, JobRecord before, JobRecord job)
    {
        if (before.IsFinished || job.Status != JobStatus.Cancelled)
            return new JobCancel.AlreadyEnded(job);
        store.AppendJobLog(job.Id, "Cancelled by user.");
        return new JobCancel.Cancelled(job, StopJson.ProofOf(job.Stop));
    }

    private static JobRecord Marked(JobRecord job, StopProof proof) => job with
    {
        Status = JobStatus.Cancelled,
        Phase = "cancelled",
        Pid = null,
        ErrorCode = JobErrors.CancelledCode,
        ErrorMessage = JobErrors.Cancelled(proof, job.JobClass ?? "task"),
        ExitCode = ExitCodes.Cancelled,
        Stop = StopJson.ElementOf(proof),
    };

    // SIGTERM has the process stop its turn and record the cancel; one that is stopped, stuck or deaf is killed.
    private async Task<IReadOnlyList<FoundProcess>> EndWorkerAsync(JobRecord job, TimeSpan limit)
    {
        if (job.Process is not { } worker || worker == _processes.Self || _processes.Look(worker) is ProcessPresence.Gone or ProcessPresence.Other)
            return [];
        // One in another PID namespace can neither be signalled nor called gone: its turn is stopped all the same.
        var found = new FoundProcess(worker, JobWorkerCommand.Name);
        return _processes.Look(worker) == ProcessPresence.Unknown
            ? [found]
            : await new ProcessEnder(_processes, host.Time).EndAsync([found], limit, limit * ShareOfTheWorker);
    }

    // For a job whose process is gone and recorded nothing. Each step gets what the ones before it left of the time.
    private async Task<StopProof> StopTurnAsync(IStateStore store, JobRecord job, Func<TimeSpan> rest)
    {
        var proof = await StopInBrokerAsync(store, job, rest) ?? StopProof.NothingRan;
        var ender = new ProcessEnder(_processes, host.Time);
        var tree = new ProcessTree(_processes);
        var left = new List<FoundProcess>();
        left.AddRange(await ender.EndAsync(() => tree.Marked(ProcessTree.InstanceVariable, DirectServer.InstanceOf(job.Id)), rest()));
        left.AddRange(await ender.EndAsync(() => tree.Marked(ProcessTree.JobVariable, job.Id), rest()));
        if (proof == StopProof.NothingRan && job.TurnId is not null)
        {
            // No broker has it: it ran in a server of its own, which ended with its worker.
            var ended = job.AppServer is null || _processes.Look(job.AppServer) is ProcessPresence.Gone or ProcessPresence.Other;
            proof = new StopProof(InterruptSent: false, ended, [], "The job's process was ended, and its app-server with it.");
        }

        return proof with { ProcessesLeft = [.. proof.ProcessesLeft.Concat(left.Select(process => process.ToString())).Distinct(StringComparer.Ordinal)] }; // Most carry both marks.
    }

    // A mute broker costs no more than is left, in connecting and in the handshake together.
    private TimeLimits Within(TimeSpan rest) => limits with
    {
        Connect = Least(limits.Connect, rest / 2),
        Handshake = Least(limits.Handshake, rest / 2),
    };

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private async Task<StopProof?> StopInBrokerAsync(IStateStore store, JobRecord job, Func<TimeSpan> rest)
    {
        if (job.ThreadId is not { } threadId || (job.BrokerEndpoint ?? store.ReadBroker().Value?.Endpoint) is not { } endpoint)
            return null;
        var reach = await BrokerConnection.OpenAsync(endpoint, BrokerCaller.Visitor, Within(rest()), new ServerRequestPolicy(host.Time));
        if (reach is not BrokerReach.Answered { Connection: var connection })
            return null;
        await using var session = new BrokerSession(connection, limits with { Cancel = rest() });
        var proof = await session.StopTurnAsync(new TurnToStop(job.Id, threadId, job.TurnId));

        // The broker stops the turn of a client that goes away, and has often done so by the time it is asked.
        return proof is { InterruptSent: false, TurnEnded: true }
            ? proof with { Detail = "The job's process was ended, and its turn with it: the broker runs none any more." }
            : proof;
    }
}
