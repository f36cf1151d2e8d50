using System.Text.Json;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.Recovery;

/// <summary>What was found out about a turn whose caller is gone: closed, one of three.</summary>
public abstract record TurnFinding
{
    private TurnFinding()
    {
    }

    /// <summary>Codex's own record of the thread was read; this is what it says of the turn.</summary>
    public sealed record Read(TurnFate Fate) : TurnFinding
    {
        /// <summary>The text the turn was started with; null when it is not there.</summary>
        public string? Prompt { get; init; }
    }

    /// <summary>The turn may still be running, so its record proves nothing yet.</summary>
    public sealed record MayStillRun(string Sentence) : TurnFinding;

    /// <summary>The record could not be read.</summary>
    public sealed record Unreadable(string Sentence) : TurnFinding;
}

/// <summary>
/// Reads from Codex's own record what became of a turn whose caller is gone. Unlike <see cref="TurnRecovery"/> it stops and sends nothing:
/// it only looks, and never while the old server may still run the turn.
/// </summary>
public sealed class TurnFinder(
    IProcessTable processes, ProcessTree tree, DirectServer direct, CodexInUse codex, IServerRequestPolicy policy, TimeLimits limits, TimeProvider time)
{
    // A broker ends the turns of a client that went away within moments; an own app-server goes within 40 ms of its stdin.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    /// <summary>Whether a broker has a turn of this thread running; false also when none answers.</summary>
    public static async Task<bool> RunsInBrokerAsync(string endpoint, string threadId, TimeLimits limits, IServerRequestPolicy policy) =>
        await AskAsync(endpoint, threadId, limits, policy) == true;

    /// <summary>Finds out.</summary>
    /// <param name="lost">The turn, and where it was running as far as is known.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="observer">Hears what goes on.</param>
    /// <param name="limit">How long it may take in all.</param>
    public async Task<TurnFinding> FindAsync(LostTurn lost, TurnRequest request, IRunObserver observer, TimeSpan limit)
    {
        if (codex.Missing is { } missing)
            return new TurnFinding.Unreadable(missing.Sentence);
        var begun = time.GetTimestamp();
        while (await ObstacleAsync(lost, request.JobId) is { } obstacle)
        {
            if (time.GetElapsedTime(begun) >= limit / 2)
                return new TurnFinding.MayStillRun(obstacle);
            await Task.Delay(LookAgain, time);
        }

        var left = limit - time.GetElapsedTime(begun);
        if (left <= TimeSpan.Zero)
            return TooLate(limit); // A broker that answers slowly may take all of it.
        using var stop = new CancellationTokenSource();
        var reading = ReadAsync(lost, request, observer, stop.Token);
        await Task.WhenAny(reading, Task.Delay(left, time, stop.Token));
        if (reading.IsCompleted)
        {
            var found = await reading;
            await stop.CancelAsync();
            return found;
        }

        await stop.CancelAsync();
        reading.Forget();
        return TooLate(limit);
    }

    private static TurnFinding.Unreadable TooLate(TimeSpan limit) => new($"Codex did not tell within {limit.TotalSeconds:0.#} s what became of the turn.");

    private async Task<TurnFinding> ReadAsync(LostTurn lost, TurnRequest request, IRunObserver observer, CancellationToken stop)
    {
        var start = await direct.StartAsync(new PipelineContext(request, new RunOptions(), observer, stop));
        if (start is not DirectStart.Started { Session: var session })
            return new TurnFinding.Unreadable(((DirectStart.Failed)start).Outcome is Outcome.Failed failed ? failed.Message : "Codex was not asked in time.");
        await using (session)
        {
            try
            {
                return await ThreadReader.ReadAsync(session, lost.ThreadId, request.Cwd, limits.Call) switch
                {
                    ThreadLookup.Found { Thread: var thread } => new TurnFinding.Read(thread.FindTurn(request.ClientMessageId, lost.TurnId))
                    {
                        Prompt = thread.TurnOf(request.ClientMessageId, lost.TurnId)?.Prompt,
                    },
                    ThreadLookup.NotThere => new TurnFinding.Read(new TurnFate.NotThere()),
                    ThreadLookup.Unreadable unreadable => new TurnFinding.Unreadable(unreadable.Sentence),
                    _ => throw new InvalidOperationException("A lookup is closed."),
                };
            }
            catch (ConnectionLostException lostAgain)
            {
                return new TurnFinding.Unreadable(lostAgain.Loss.Message);
            }
        }
    }

    // Null: the turn is over, by identity or by the word of the broker that ran it.
    private async Task<string?> ObstacleAsync(LostTurn lost, string jobId)
    {
        var presence = lost.AppServer is { } appServer ? processes.Look(appServer) : ProcessPresence.Unknown;
        if (presence is ProcessPresence.Gone or ProcessPresence.Other)
            return null;
        if (lost.Endpoint is { } endpoint)
        {
            var active = await AskAsync(endpoint, lost.ThreadId, limits, policy);
            if (active is { } known)
                return known ? "The broker still runs the turn." : null;
        }

        if (lost.AppServer is { } living)
            return $"Its app-server (pid {living.Pid}) still runs.";

        // Where it ran was never recorded: then it ran in the broker, which is asked, or in a server that bears the job's name.
        return tree.Marked(ProcessTree.InstanceVariable, DirectServer.InstanceOf(jobId)) is [var own, ..] ? $"Its app-server ({own}) still runs." : null;
    }

    // Null: no broker answers there.
    private static async Task<bool?> AskAsync(string endpoint, string threadId, TimeLimits limits, IServerRequestPolicy policy)
    {
        var reach = await BrokerConnection.OpenAsync(endpoint, BrokerCaller.Visitor, limits, policy);
        if (reach is not BrokerReach.Answered { Connection: var connection })
            return null;
        await using (connection)
        {
            try
            {
                var answer = await connection.CallAsync(
                    BrokerProtocol.TurnActive,
                    new ThreadParams(threadId),
                    BrokerJson.ThreadParams,
                    BrokerJson.TurnActiveResult,
                    limits.Handshake);
                return answer.Active;
            }
            catch (Exception e) when (e is RpcErrorException or RpcTimeoutException or ConnectionLostException or JsonException)
            {
                return null;
            }
        }
    }
}
