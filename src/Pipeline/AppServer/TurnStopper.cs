using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>
/// Stops a turn and all it started: the interrupt ends the turn, not its commands (measured in both versions), so the background
/// terminals are cleaned after it, and what still carries the job's mark is ended by identity.
/// </summary>
public static class TurnStopper
{
    /// <summary>Stops a turn; bounded by <see cref="TimeLimits.Cancel"/>, never throws.</summary>
    /// <param name="call">Calls a method of the app-server.</param>
    /// <param name="turn">The turn.</param>
    /// <param name="turnEnded">Completes when the turn has ended.</param>
    /// <param name="processes">Ends what the turn started.</param>
    /// <param name="limits">The time limits.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public static async Task<StopProof> StopAsync(
        Func<string, ReadOnlyMemory<byte>, TimeSpan, Task<RpcReply>> call,
        TurnToStop turn,
        Task turnEnded,
        ITurnProcesses processes,
        TimeLimits limits,
        TimeProvider? time = null)
    {
        var clock = time ?? TimeProvider.System;
        var started = clock.GetTimestamp();
        var interrupt = new TurnInterrupter(call, turn, turnEnded, limits, clock);
        await interrupt.RunAsync();
        await CleanAsync(call, turn, Shortest(TimeLeft() / 2, limits.InterruptConfirmed), clock);
        var left = await EndProcessesAsync(processes, turn, TimeLeft(), clock);
        var ended = interrupt.Ended || turnEnded.IsCompletedSuccessfully;
        return new StopProof(interrupt.Sent, ended, left, Sentence(interrupt, ended, left));

        TimeSpan TimeLeft() => Longest(limits.Cancel - clock.GetElapsedTime(started), TimeSpan.Zero);
    }

    private static async Task CleanAsync(
        Func<string, ReadOnlyMemory<byte>, TimeSpan, Task<RpcReply>> call, TurnToStop turn, TimeSpan limit, TimeProvider clock)
    {
        try
        {
            await call(AppServerMethods.BackgroundTerminalsClean, AppServerCalls.Thread(turn.ThreadId), limit).WaitAsync(limit, clock);
        }
        catch (Exception)
        {
            // A server without the method answers with an error; one that is gone or mute cannot clean. The processes are looked for next.
        }
    }

    private static async Task<IReadOnlyList<string>> EndProcessesAsync(
        ITurnProcesses processes, TurnToStop turn, TimeSpan limit, TimeProvider clock)
    {
        try
        {
            return await processes.EndAsync(turn.JobId, limit).WaitAsync(limit, clock);
        }
        catch (Exception e)
        {
            // Not knowing what is left is not the same as nothing left.
            return [$"unknown: the turn's processes could not be looked for or ended in time ({e.Message})"];
        }
    }

    private static string Sentence(TurnInterrupter interrupt, bool ended, IReadOnlyList<string> left)
    {
        var turn = ended
            ? interrupt.Sent ? "The turn was interrupted and has ended" : "The turn has ended"
            : interrupt.Problem is { } problem ? $"The turn is not known to have ended ({problem})" : "The turn did not end in time";
        return left.Count == 0 ? $"{turn}; nothing it started is left." : $"{turn}; still running: {string.Join("; ", left)}.";
    }

    private static TimeSpan Shortest(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Longest(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
