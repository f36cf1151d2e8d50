using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>Interrupts a turn and waits for its end, within <see cref="TimeLimits.InterruptConfirmed"/>.</summary>
internal sealed class TurnInterrupter(
    Func<string, ReadOnlyMemory<byte>, TimeSpan, Task<RpcReply>> call, TurnToStop turn, Task turnEnded, TimeLimits limits, TimeProvider clock)
{
    // A server's answer to an interrupt whose turn it has not named names it; no real turn has this id.
    private const string UnknownTurn = "unknown";

    // After "no active turn": short, since a turn just accepted becomes active within 50 ms (measured).
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    // "No active turn" is the end only when it is still so after this time: thirty times the longest start measured.
    private static readonly TimeSpan NoTurnIsCertain = TimeSpan.FromSeconds(1.5);

    private readonly long _started = clock.GetTimestamp();

    /// <summary>Whether an interrupt was sent.</summary>
    public bool Sent { get; private set; }

    /// <summary>Whether the turn is known to have ended.</summary>
    public bool Ended { get; private set; }

    /// <summary>Why its end is not known; null when there is nothing to say.</summary>
    public string? Problem { get; private set; }

    private TimeSpan TimeLeft => limits.InterruptConfirmed - clock.GetElapsedTime(_started);

    /// <summary>Does it. Never throws.</summary>
    public async Task RunAsync()
    {
        if (turnEnded.IsCompletedSuccessfully)
        {
            Ended = true;
            return;
        }

        var turnId = turn.TurnId ?? UnknownTurn;
        long? noTurnSince = null;
        while (TimeLeft > TimeSpan.Zero)
        {
            var reply = await SendAsync(turnId);
            if (reply is not { } answer)
                break;
            if (answer.Error is null)
            {
                await WaitForEndAsync(TimeLeft);
                break;
            }

            if (ThreadTexts.FoundTurn(answer.Error.Message) is { } found)
            {
                // Two turns of one thread never run at once: the one that was found is the one to stop.
                if (string.Equals(found, turnId, StringComparison.Ordinal))
                    await WaitForEndAsync(RetryDelay);
                turnId = found;
                noTurnSince = null;
            }
            else if (ThreadTexts.SaysNoActiveTurn(answer.Error.Message))
            {
                noTurnSince ??= clock.GetTimestamp();
                if (await WaitForEndAsync(RetryDelay))
                    break;
                if (clock.GetElapsedTime(noTurnSince.Value) >= NoTurnIsCertain)
                {
                    Ended = true;
                    break;
                }
            }
            else
            {
                Problem = answer.Error.Message;
                await WaitForEndAsync(TimeLeft);
                break;
            }
        }

        Ended |= turnEnded.IsCompletedSuccessfully;
    }

    private async Task<RpcReply?> SendAsync(string turnId)
    {
        try
        {
            // An old server that has no turn to interrupt may never answer; the end of the turn is as good as an answer.
            Sent = true;
            var limit = TimeLeft;
            var reply = call(AppServerMethods.TurnInterrupt, AppServerCalls.TurnInterrupt(turn.ThreadId, turnId), limit);
            await Task.WhenAny(reply, turnEnded, Task.Delay(limit, clock));
            if (!reply.IsCompleted && turnEnded.IsCompletedSuccessfully)
            {
                reply.Forget();
                return null;
            }

            return await reply.WaitAsync(TimeSpan.Zero, clock);
        }
        catch (Exception e)
        {
            // Lost, mute or refused: what counts is whether the turn ends, and the sentence tells the rest.
            Problem = e.Message;
            return null;
        }
    }

    private async Task<bool> WaitForEndAsync(TimeSpan limit)
    {
        // A wait that failed says nothing about the turn, and must not make this loop spin.
        var delay = Task.Delay(limit > TimeSpan.Zero ? limit : TimeSpan.Zero, clock);
        await (turnEnded.IsFaulted || turnEnded.IsCanceled ? delay : Task.WhenAny(turnEnded, delay));
        return turnEnded.IsCompletedSuccessfully;
    }
}
