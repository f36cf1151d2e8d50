using System.Collections.Concurrent;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>
/// Stops turns with what they started, and lets threads go. A turn that cannot be stopped taints its app-server: others go on using it,
/// new work goes elsewhere, and it is ended when it serves nobody else.
/// </summary>
internal sealed class TurnWarden(
    ThreadTable threads, AppServerSupervisor servers, ThreadReleaser releaser, ITurnProcesses processes, TimeLimits limits, BrokerLog log)
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _leaving = new(StringComparer.Ordinal);

    /// <summary>Stops the turn of a thread, if one runs here.</summary>
    /// <param name="entry">The thread.</param>
    /// <param name="jobId">Marks the processes to end; null for the turn's own mark.</param>
    public async Task<StopProof> StopAsync(ThreadEntry entry, string? jobId)
    {
        if (entry.Turn is not { } turn)
        {
            var left = jobId is null ? [] : await processes.EndAsync(jobId, limits.InterruptConfirmed);
            return new StopProof(InterruptSent: false, TurnEnded: true, left, "No turn was running.");
        }

        var what = new TurnToStop(jobId ?? turn.JobId ?? "", entry.Id, turn.TurnId);
        var proof = await TurnStopper.StopAsync(
            (method, parameters, limit) => entry.Slot.Server.Peer.CallAsync(method, parameters, limit), what, turn.Ended, processes, limits);
        log.Write($"turn of thread {entry.Id} stopped: {proof.Detail}");
        return proof.TurnEnded ? proof : await TaintAsync(entry, turn, proof);
    }

    /// <summary>Cleans up after a client that went away: its turns are stopped, its threads let go.</summary>
    public async Task AbandonAsync(ClientConnection client)
    {
        // All are announced before the first one is stopped: whoever resumes one meanwhile waits until it is free.
        var leaving = threads.Abandon(client).ConvertAll(entry => (Entry: entry, Left: Announce(entry.Id)));
        foreach (var (entry, left) in leaving)
        {
            try
            {
                if (entry.Turn is not null)
                {
                    log.Write($"client {client.Id} went away while the turn of thread {entry.Id} was running; it is stopped");
                    await StopAsync(entry, jobId: null);
                }

                await LetGoAsync(entry);
            }
            finally
            {
                Conclude(entry.Id, left);
            }
        }
    }

    /// <summary>Lets a thread and its subagents' threads go, unless a turn runs in it.</summary>
    public async Task ReleaseAsync(ThreadEntry entry)
    {
        // Announced before the thread leaves the table: whoever does not find it there any more can wait for it.
        var left = Announce(entry.Id);
        try
        {
            await LetGoAsync(entry);
        }
        finally
        {
            Conclude(entry.Id, left);
        }
    }

    /// <summary>Waits until a thread that is being let go is gone: before that, nobody else can resume it, in this process or another.</summary>
    public async Task WaitForReleaseAsync(string threadId)
    {
        while (_leaving.TryGetValue(threadId, out var left))
            await left.Task;
    }

    private async Task LetGoAsync(ThreadEntry entry)
    {
        if (entry.Turn is not null)
        {
            threads.Keep(entry);
            return;
        }

        foreach (var member in threads.Remove(entry).Where(m => m.Slot.IsAlive))
            await (member.IsUnused ? releaser.DiscardAsync(member.Slot.Server, member.Id) : releaser.ReleaseAsync(member.Slot.Server, member.Id));
    }

    private TaskCompletionSource Announce(string threadId) =>
        _leaving[threadId] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Conclude(string threadId, TaskCompletionSource left)
    {
        _leaving.TryRemove(KeyValuePair.Create(threadId, left));
        left.SetResult();
    }

    // The thread stays in the table: whoever asks again must hear that its turn is not known to have ended.
    private async Task<StopProof> TaintAsync(ThreadEntry entry, ActiveTurn turn, StopProof proof)
    {
        var slot = entry.Slot;
        slot.Tainted = true;
        turn.IgnoresInterrupt = true;
        log.Write($"app-server {slot.Generation} gets no new work: a turn ignored its interrupt");
        if (threads.CountTurns(slot) > 0)
            return proof;
        await servers.StopAsync(slot, "a turn ignored its interrupt and nobody else uses it");
        return proof with { TurnEnded = true, Detail = $"{proof.Detail} Its app-server was ended, as nobody else used it." };
    }
}
