using System.Collections.Concurrent;
using System.Text;
using CodexCompanion.Tool.Selftest.Simulator.Journal;
using CodexCompanion.Tool.Selftest.Simulator.Script;

namespace CodexCompanion.Tool.Selftest.Simulator;

/// <summary>Lets the script's faults strike at their moments. One that ends the server or holds it up is in the journal before it takes effect.</summary>
internal sealed class FaultStriker(ServerContext server)
{
    // Longer than a pipe's buffer and than any buffer a reader starts with.
    private const int LongNoiseBytes = 300_000;

    private readonly ConcurrentDictionary<string, int> _claimed = new(StringComparer.Ordinal);
    private int _turns;

    /// <summary>Whether nothing more is to be read after the message at hand.</summary>
    public bool StdinIsToBeClosed { get; private set; }

    /// <summary>Counts a turn the client asked for.</summary>
    public int NextTurnNumber() => Interlocked.Increment(ref _turns);

    /// <summary>Lets every fault of this moment strike.</summary>
    /// <param name="point">The moment.</param>
    /// <param name="turn">The number of the turn it belongs to, or 0 outside of turns.</param>
    /// <param name="prompt">The turn's prompt.</param>
    /// <returns>The faults that fired and whose effect is the caller's to make.</returns>
    /// <exception cref="OperationCanceledException">The server has come to its end by it.</exception>
    public async Task<IReadOnlyList<SimulatedFault>> StrikeAsync(FaultPoint point, int turn = 0, string prompt = "")
    {
        List<SimulatedFault>? fired = null;
        foreach (var fault in server.Script.Faults)
        {
            if (!IsDue(fault, point, turn, prompt) || !Claim(fault))
                continue;

            // Whoever reads in the journal that a server fell silent finds it so.
            var silences = fault.Action is FaultAction.Stall or FaultAction.CloseStdout;
            if (silences)
                await TakeEffectAsync(fault);
            server.Journal.Write(JournalEvents.FaultFired, e => e with { Fault = fault.Name });
            (fired ??= []).Add(fault);
            if (!silences)
                await TakeEffectAsync(fault);
        }

        server.Lifetime.Stopping.ThrowIfCancellationRequested();
        return fired ?? (IReadOnlyList<SimulatedFault>)[];
    }

    private static bool IsDue(SimulatedFault fault, FaultPoint point, int turn, string prompt) =>
        fault.At == point
        && (fault.Turn is null || fault.Turn == turn)
        && (fault.PromptContains is null || prompt.Contains(fault.PromptContains, StringComparison.Ordinal));

    private bool Claim(SimulatedFault fault)
    {
        if (fault.Times is not { } times)
            return true;
        for (var number = _claimed.GetValueOrDefault(fault.Name) + 1; number <= times; number++)
        {
            _claimed[fault.Name] = number;
            try
            {
                var path = Path.Combine(server.Home.ClaimsFolder, $"{fault.Name}.{number}");
                new FileStream(path, FileMode.CreateNew, FileAccess.Write).Dispose();
                return true;
            }
            catch (IOException)
            {
                // Another process had this one; the next may be free.
            }
        }

        return false;
    }

    private async Task TakeEffectAsync(SimulatedFault fault)
    {
        switch (fault.Action)
        {
            case FaultAction.Exit:
                if (fault.Text is not null)
                    await server.Stderr.WriteLineAsync(fault.Text);
                await server.Stderr.FlushAsync();
                server.Lifetime.Crash(fault.ExitCode, fault.Name);
                break;
            case FaultAction.Kill:
                server.Lifetime.Die();
                break;
            case FaultAction.Stall:
                server.Channel.FallSilent();
                break;
            case FaultAction.CloseStdout:
                server.Channel.Close();
                break;
            case FaultAction.Delay:
                await Task.Delay(TimeSpan.FromMilliseconds(fault.Milliseconds), server.Time, server.Lifetime.Stopping);
                break;
            case FaultAction.NoiseOnStdout:
                server.Channel.WriteNoise(Encoding.UTF8.GetBytes(Noise(fault)));
                break;
            case FaultAction.NoiseOnStderr:
                await server.Stderr.WriteAsync(Noise(fault));
                await server.Stderr.FlushAsync();
                break;
            case FaultAction.CloseStdin:
                StdinIsToBeClosed = true;
                break;
            case FaultAction.Overloaded or FaultAction.ReportVersion:
                // The caller's to do.
                break;
        }
    }

    private static string Noise(SimulatedFault fault) => fault.Text is { } text
        ? text + "\n"
        : $"\u001b[31mERROR\u001b[0m not a message\n{{\"method\":\"turn/compl\n\n[1,2]\n\"text\"\n{new string('x', LongNoiseBytes)}\n";
}
