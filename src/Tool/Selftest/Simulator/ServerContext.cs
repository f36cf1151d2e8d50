using CodexCompanion.Tool.Selftest.Simulator.Journal;
using CodexCompanion.Tool.Selftest.Simulator.Script;
using CodexCompanion.Tool.Selftest.Simulator.Threads;
using CodexCompanion.Tool.Selftest.Simulator.Wire;

namespace CodexCompanion.Tool.Selftest.Simulator;

/// <summary>What all parts of one simulated server share.</summary>
internal sealed class ServerContext
{
    // What a Rust program that panics exits with.
    private const int InternalErrorExitCode = 101;

    public ServerContext(SimulationHome home, SimulationScript script, Stream output, TextWriter stderr, SimulatorHost host)
    {
        (Home, Script, Stderr, Time) = (home, script, stderr, host.Time);
        Dialect = Dialect.Of(script.Dialect);
        Journal = new JournalWriter(home, Guid.CreateVersion7(host.Time.GetUtcNow()).ToString("N"), host.Time);
        Channel = new ClientChannel(output, Dialect, host.Time);
        Threads = new ThreadCatalog(home, Dialect);
        Lifetime = new ServerLifetime(Journal, Channel, Threads, host);
        Faults = new FaultStriker(this);
        Channel.ClientLost = () => Lifetime.EndGracefully("stdout-lost");
    }

    public SimulationHome Home { get; }

    public SimulationScript Script { get; }

    public Dialect Dialect { get; }

    public TextWriter Stderr { get; }

    public TimeProvider Time { get; }

    public JournalWriter Journal { get; }

    public ClientChannel Channel { get; }

    public ThreadCatalog Threads { get; }

    public ServerLifetime Lifetime { get; }

    public FaultStriker Faults { get; }

    /// <summary>The client's name, once it has said it: threads remember who started them.</summary>
    public string? ClientName { get; set; }

    /// <summary>Whether the client asked for the unstable part of the protocol.</summary>
    public bool Experimental { get; set; }

    /// <summary>Lets something run beside everything else. An error nobody foresaw ends the server, and is on stderr.</summary>
    public void RunAside(Func<Task> work) => _ = Task.Run(async () =>
    {
        try
        {
            await work();
        }
        catch (OperationCanceledException)
        {
            // The server has come to its end; how running turns are recorded has been seen to there.
        }
        catch (Exception error)
        {
            await Stderr.WriteLineAsync($"simulated app-server: {error}");
            await Stderr.FlushAsync();
            Lifetime.Crash(InternalErrorExitCode, "internal-error");
        }
    });

    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>A name for a thread, a turn or an item, ordered by time as codex makes them.</summary>
    public string NewId() => Guid.CreateVersion7(Time.GetUtcNow()).ToString();
}

/// <summary>Where the simulated server runs.</summary>
/// <param name="Time">The clock.</param>
/// <param name="KillProcess">Kills this very process; null when it is not the server's own, where dying means to stop all work at once.</param>
internal sealed record SimulatorHost(TimeProvider Time, Action? KillProcess = null);
