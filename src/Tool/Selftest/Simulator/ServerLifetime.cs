using System.Diagnostics.CodeAnalysis;
using CodexCompanion.Tool.Selftest.Simulator.Journal;
using CodexCompanion.Tool.Selftest.Simulator.Threads;
using CodexCompanion.Tool.Selftest.Simulator.Wire;

namespace CodexCompanion.Tool.Selftest.Simulator;

/// <summary>The ways in which a simulated server comes to its end; the first one wins.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A source without timer and wait handle holds nothing; turns may look at it after the end.")]
internal sealed class ServerLifetime(JournalWriter journal, ClientChannel channel, ThreadCatalog threads, SimulatorHost host)
{
    /// <summary>What a shell reports for a process ended by SIGKILL.</summary>
    public const int KilledExitCode = 137;

    private readonly TaskCompletionSource<int> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private int _ending;

    /// <summary>The exit code, once the server is at its end.</summary>
    public Task<int> Ended => _ended.Task;

    /// <summary>Cancelled when the server is at its end.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>As when stdin ends or SIGTERM comes: running turns are recorded as interrupted, their commands end.</summary>
    public void EndGracefully(string why)
    {
        if (!IsFirst())
            return;
        channel.FallSilent();
        foreach (var thread in threads.Loaded)
        {
            if (thread.InterruptForExit(host.Time) is { } turn)
            {
                journal.Write(JournalEvents.TurnEnded, e => e with
                {
                    ThreadId = thread.Id,
                    TurnId = turn.Turn.Id,
                    ClientUserMessageId = turn.ClientUserMessageId,
                    Status = turn.Turn.Status,
                });
            }

            thread.Commands.EndAll();
        }

        journal.Write(JournalEvents.ServerExit, e => e with { Why = why });
        Stop(0);
    }

    /// <summary>As when a process crashes with an exit code: nothing is recorded of what runs.</summary>
    public void Crash(int exitCode, string why)
    {
        if (!IsFirst())
            return;
        journal.Write(JournalEvents.ServerExit, e => e with { Why = why });
        Stop(exitCode);
    }

    /// <summary>As by SIGKILL: no farewell.</summary>
    public void Die()
    {
        if (!IsFirst())
            return;
        host.KillProcess?.Invoke();
        Stop(KilledExitCode);
    }

    private bool IsFirst() => Interlocked.Exchange(ref _ending, 1) == 0;

    private void Stop(int exitCode)
    {
        channel.FallSilent();
        journal.Close();
        threads.CloseAll();
        _ended.TrySetResult(exitCode);
        _stopping.Cancel();
    }
}
