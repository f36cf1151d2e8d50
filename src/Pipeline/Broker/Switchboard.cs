using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Processes;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>
/// What lies between the clients and the app-servers of a broker, linked in one place: who is connected, whose thread is whose, what goes
/// where. Knows nothing of sockets, records and locks.
/// </summary>
internal sealed class Switchboard : IAsyncDisposable
{
    // A client of ours introduces itself with its first bytes; a loaded machine may need a moment. Whoever only connects holds a place.
    private static readonly TimeSpan IntroducesItself = TimeSpan.FromSeconds(10);

    private readonly BrokerLog _log;
    private readonly TimeProvider _time;
    private readonly Orphans? _orphans;

    public Switchboard(SwitchboardSetup setup, BrokerLog log, TimeProvider time)
    {
        _log = log;
        _time = time;
        _orphans = setup.Orphans;
        Clients = new ClientTable(time);
        Threads = new ThreadTable();
        var router = new EventRouter(Threads, Clients, setup.Policy, log, EndOrphansAsync);
        Servers = new AppServerSupervisor(setup.InstanceId, setup.StartAppServer, router, log, time);
        Releaser = new ThreadReleaser(setup.ReleaseJournal, setup.Limits, log);
        Warden = new TurnWarden(Threads, Servers, Releaser, setup.TurnProcesses, setup.Limits, log);
    }

    public ClientTable Clients { get; }

    public ThreadTable Threads { get; }

    public AppServerSupervisor Servers { get; }

    public ThreadReleaser Releaser { get; }

    public TurnWarden Warden { get; }

    /// <summary>Serves one client until it is gone, and cleans up after it.</summary>
    public async Task ServeAsync(Stream stream, BrokerLifetime lifetime)
    {
        await using var client = Clients.Add(stream);
        var dispatcher = new RequestDispatcher(lifetime, Threads, Clients, Servers, Warden);
        try
        {
            await using (_time.CreateTimer(_ => HangUpOnStranger(client), state: null, IntroducesItself, Timeout.InfiniteTimeSpan))
                await client.RunAsync(dispatcher.HandleAsync);
            await Warden.AbandonAsync(client);
        }
        catch (Exception e)
        {
            // One client's trouble must never become the others'.
            _log.Write($"client {client.Id} ended badly: {e}");
        }
        finally
        {
            Clients.Remove(client);
        }
    }

    /// <summary>Ends app-servers that take no new work and serve nobody any more. One that grew too large is such a one.</summary>
    /// <param name="maxBytes">Resident memory past which an app-server is replaced, in bytes.</param>
    public async Task ReplaceWornOutAsync(long maxBytes)
    {
        foreach (var slot in Servers.Living)
        {
            if (!slot.Tainted && Memory.ResidentBytes(slot.Server.Identity.Pid) is { } bytes && bytes > maxBytes)
            {
                slot.Tainted = true;
                _log.Write($"app-server {slot.Generation} gets no new work: it holds {bytes / 1048576} MiB");
            }

            if (slot.Tainted && Threads.CountTurns(slot) == 0)
            {
                await Releaser.FinishAsync(slot.Server);
                await Servers.StopAsync(slot, "it is replaced");
            }
        }
    }

    // While another app-server lives, what became the broker's child may be a command of a turn there.
    private Task EndOrphansAsync() => Servers.Living.Count == 0 && _orphans is not null ? _orphans.EndAdoptedAsync() : Task.CompletedTask;

    private void HangUpOnStranger(ClientConnection client)
    {
        if (client.Hello is not null)
            return;
        _log.Write($"client {client.Id} did not introduce itself within {IntroducesItself.TotalSeconds:0} s and was hung up on");
        client.Close();
    }

    public ValueTask DisposeAsync() => Servers.DisposeAsync();
}

/// <summary>What a <see cref="Switchboard"/> needs.</summary>
/// <param name="InstanceId">Name of the broker instance; marks what its app-servers start.</param>
/// <param name="StartAppServer">Starts an app-server.</param>
/// <param name="Policy">Answers an app-server's requests where no owner does.</param>
/// <param name="TurnProcesses">Ends what turns started.</param>
/// <param name="ReleaseJournal">File that remembers threads while they are let go.</param>
/// <param name="Limits">Time limits.</param>
/// <param name="Orphans">Ends what app-servers leave behind; null where they are nobody's processes.</param>
internal sealed record SwitchboardSetup(
    string InstanceId,
    StartAppServer StartAppServer,
    IServerRequestPolicy Policy,
    ITurnProcesses TurnProcesses,
    string ReleaseJournal,
    TimeLimits Limits,
    Orphans? Orphans = null);
