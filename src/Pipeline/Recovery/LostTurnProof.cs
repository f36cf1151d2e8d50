using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.Recovery;

/// <summary>
/// Makes sure that a lost turn is over before anything is done about it: either its app-server is gone, by identity, or the broker that
/// still runs it has interrupted it and confirms its end. What a second server says of the thread proves nothing: it calls a turn that
/// another one still runs "interrupted".
/// </summary>
public sealed class LostTurnProof(
    IProcessTable processes, ITurnProcesses turnProcesses, IServerRequestPolicy policy, TimeLimits limits, TimeProvider time)
{
    // An app-server whose stdin ended is gone within 40 ms.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);

    /// <summary>Tries for <see cref="TimeLimits.Cancel"/> to prove it.</summary>
    /// <param name="lost">The turn.</param>
    /// <param name="jobId">Marks the commands it started; they are ended too.</param>
    /// <returns>Null when the turn is over; else a sentence on what stands in the way.</returns>
    public async Task<string?> TryProveOverAsync(LostTurn lost, string jobId)
    {
        var begun = time.GetTimestamp();
        var obstacle = "It is not known which process ran the turn.";
        while (true)
        {
            if (lost.AppServer is { } appServer)
            {
                var presence = processes.Look(appServer);
                if (presence is ProcessPresence.Gone or ProcessPresence.Other)
                    break;
                obstacle = $"Its app-server (pid {appServer.Pid}) still runs.";
            }

            if (lost.Endpoint is { } endpoint && await StopInBrokerAsync(endpoint, lost, jobId) is { } answer)
            {
                if (answer.Length == 0)
                    break;
                obstacle = answer;
            }

            if (time.GetElapsedTime(begun) >= limits.Cancel)
                return obstacle;
            await Task.Delay(LookAgain);
        }

        // Commands it had started may outlive it; they must not go on beside their successor.
        var left = await turnProcesses.EndAsync(jobId, limits.InterruptConfirmed);
        return left.Count == 0 ? null : $"Commands of the turn still run: {string.Join(", ", left)}.";
    }

    // Null: no broker answers there. Empty: the turn is over. Else: what stands in the way.
    private async Task<string?> StopInBrokerAsync(string endpoint, LostTurn lost, string jobId)
    {
        var reach = await BrokerConnection.OpenAsync(endpoint, BrokerCaller.Visitor, limits, policy);
        if (reach is not BrokerReach.Answered { Connection: var connection })
            return null;
        await using var session = new BrokerSession(connection, limits);
        var proof = await session.StopTurnAsync(new TurnToStop(jobId, lost.ThreadId, lost.TurnId));
        if (!proof.TurnEnded || proof.ProcessesLeft.Count > 0)
            return proof.Detail;
        await session.ReleaseThreadAsync(lost.ThreadId);
        return "";
    }
}
