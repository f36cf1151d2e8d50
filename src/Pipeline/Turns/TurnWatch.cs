using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.Turns;

/// <summary>Why the waiting for a turn is over.</summary>
internal abstract record WatchEnd
{
    private WatchEnd()
    {
    }

    /// <summary>The turn ended.</summary>
    /// <param name="End">How.</param>
    /// <param name="Inferred">Whether the server never said so.</param>
    public sealed record Ended(TurnEnd End, bool Inferred) : WatchEnd;

    /// <summary>It ran into a limit and still runs.</summary>
    /// <param name="Kind"><see cref="FailureKind.TimeLimit"/> or <see cref="FailureKind.Stalled"/>.</param>
    /// <param name="After">The limit.</param>
    public sealed record Limit(FailureKind Kind, TimeSpan After) : WatchEnd;

    /// <summary>The directory it works in is gone, and it still runs.</summary>
    public sealed record DirectoryGone : WatchEnd;

    /// <summary>Somebody wants it stopped, and it still runs.</summary>
    public sealed record Stopped : WatchEnd;
}

/// <summary>Waits for a turn: for its end, for the limits, for the wish to stop it, for the loss of the connection or of the directory it works in.</summary>
internal sealed class TurnWatch(IAppServerSession session, TurnObserver turn, string threadId, string cwd, TimeLimits limits, TimeProvider time)
{
    // From an error the server will not retry to its turn/completed; measured, they come together.
    private static readonly TimeSpan ErrorGrace = TimeSpan.FromSeconds(5);

    // A timer takes 49 days at the most; looking again once a day costs nothing.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    // Whoever removes a worktree waits this long, twice, until its turn is stopped; one that is about to end still brings its answer.
    private static readonly TimeSpan LookForDirectory = TimeSpan.FromSeconds(10);

    private readonly long _started = time.GetTimestamp();
    private readonly bool _hadDirectory = Directory.Exists(cwd);
    private long _asked;
    private long _looked = time.GetTimestamp();
    private bool _missed;

    private enum Cause
    {
        TimeLimit,
        Stall,
        Error,
        LooksOver,
        Directory,
    }

    /// <summary>Waits.</summary>
    /// <exception cref="ConnectionLostException">The connection ended before the turn.</exception>
    public async Task<WatchEnd> WaitAsync(CancellationToken stop)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = stop.Register(() => stopped.TrySetResult());
        while (true)
        {
            var settling = turn.Settling;
            if (turn.Ended.IsCompleted)
                return new WatchEnd.Ended(await turn.Ended, Inferred: false);
            if (session.Ended.IsCompleted)
                throw new ConnectionLostException(await session.Ended);
            if (stop.IsCancellationRequested)
                return new WatchEnd.Stopped();

            var (wait, cause) = Next();
            if (wait <= TimeSpan.Zero)
            {
                if (await EndByAsync(cause) is { } end)
                    return end;
                continue;
            }

            using var round = new CancellationTokenSource();
            await Task.WhenAny(turn.Ended, settling, session.Ended, stopped.Task, Task.Delay(wait < LongestWait ? wait : LongestWait, time, round.Token));
            await round.CancelAsync();
        }
    }

    // What comes due next, unless something happens.
    private (TimeSpan Wait, Cause Cause) Next()
    {
        var silent = time.GetElapsedTime(turn.LastSign);
        var next = (Wait: limits.Stall - silent, Cause: Cause.Stall);
        Consider(limits.Turn - time.GetElapsedTime(_started), Cause.TimeLimit);
        if (_hadDirectory)
            Consider(LookForDirectory - time.GetElapsedTime(_looked), Cause.Directory);
        if (turn.Fatal is not null)
            Consider(ErrorGrace - silent, Cause.Error);
        else if (turn.LooksOver)
            Consider(limits.InferredEnd - (_asked > turn.LastSign ? time.GetElapsedTime(_asked) : silent), Cause.LooksOver);
        return next;

        void Consider(TimeSpan? wait, Cause cause)
        {
            if (wait < next.Wait)
                next = (wait.Value, cause);
        }
    }

    private async Task<WatchEnd?> EndByAsync(Cause cause)
    {
        switch (cause)
        {
            case Cause.TimeLimit:
                return new WatchEnd.Limit(FailureKind.TimeLimit, limits.Turn!.Value);
            case Cause.Stall:
                return new WatchEnd.Limit(FailureKind.Stalled, limits.Stall);
            case Cause.Directory:
                // Missing once it may be in the middle of being replaced.
                _looked = time.GetTimestamp();
                var missedBefore = _missed;
                _missed = !Directory.Exists(cwd);
                return _missed && missedBefore ? new WatchEnd.DirectoryGone() : null;
            case Cause.Error:
                return turn.Fatal is { } fatal ? new WatchEnd.Ended(new TurnEnd.Failed(fatal), Inferred: true) : null;
            default:
                var runs = await StillRunsAsync();
                _asked = time.GetTimestamp();
                return runs || !turn.LooksOver || turn.Ended.IsCompleted ? null : new WatchEnd.Ended(new TurnEnd.Completed(), Inferred: true);
        }
    }

    // The model may be writing a long tool call after a message, which no notification tells of: the server itself knows best.
    private async Task<bool> StillRunsAsync()
    {
        try
        {
            var answer = await session.CallAsync(
                AppServerMethods.ThreadRead, AppServerCalls.ThreadRead(threadId, includeTurns: false), limits.InterruptConfirmed);
            return answer.Member("thread").Member("status").Text("type") == "active";
        }
        catch (Exception e) when (e is RpcErrorException or RpcTimeoutException)
        {
            return false; // A server that cannot say leaves us with what we saw.
        }
    }
}
