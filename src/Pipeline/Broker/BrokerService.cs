using System.Net.Sockets;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using Microsoft.Extensions.Hosting;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>
/// The broker from start to end: lock, app-server, socket, record (last), then clients until it is told to go or nobody needs it, then
/// everything back in the opposite order.
/// </summary>
internal sealed class BrokerService(
    BrokerOptions options,
    IStateStore store,
    IProcessTable processes,
    IServerRequestPolicy policy,
    ITurnProcesses turnProcesses,
    AppServerLauncher launcher,
    TimeProvider time,
    IHostApplicationLifetime application) : BackgroundService
{
    // Record and socket are looked at this often; also the grain of the idle limit.
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(2);

    // A probe of doctor or of a client takes the lock for a moment; whoever must have it tries for this long.
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(1);

    // An app-server starts at 140 to 200 MiB and grows with every loaded thread; past this it is replaced between turns.
    private const long MaxAppServerBytes = 1024L * 1024 * 1024;

    /// <summary>How it ended.</summary>
    public BrokerExit Exit { get; private set; } = BrokerExit.CouldNotStart;

    /// <summary>Why it could not start; null when it did.</summary>
    public string? Problem { get; private set; }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunAsync(stoppingToken);
        }
        catch (Exception e) when (e is StateStoreException or SocketException or IOException)
        {
            Problem = e.Message;
        }
        finally
        {
            application.StopApplication();
        }
    }

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        store.EnsureCreated();
        var attempt = await store.Lock(StateLock.Broker).AcquireAsync("broker " + options.InstanceId, LockPatience, stoppingToken);
        if (attempt is not LockAttempt.Acquired { Lock: var brokerLock })
        {
            Exit = attempt is LockAttempt.Held ? BrokerExit.AnotherOne : BrokerExit.CouldNotStart;
            Problem = attempt is LockAttempt.Unusable unusable ? unusable.Reason : "Another broker serves this workspace.";
            return;
        }

        using (brokerLock)
        {
            if (store.InstanceLock(options.InstanceId).TryAcquire("broker") is not LockAttempt.Acquired { Lock: var instanceLock })
            {
                Problem = "The instance's own lock could not be taken.";
                return;
            }

            using (instanceLock)
                await ServeAsync(brokerLock, stoppingToken);
        }

        TryDelete(store.InstanceLock(options.InstanceId).Path);
    }

    private async Task ServeAsync(HeldLock brokerLock, CancellationToken stoppingToken)
    {
        if (SocketPath.TryCreate(options.InstanceId, Variable, NativeDisk.Instance) is not SocketPath.Ready { Endpoint: var endpoint })
        {
            Problem = "The broker's socket has no place: its path would be too long, or its folder is not private.";
            return;
        }

        var log = new BrokerLog(Path.Combine(store.Paths.LogsDirectory, "broker.log"), options.InstanceId, time);
        log.Write($"started: pid {Environment.ProcessId}, tool {options.ToolVersion}, workspace {store.Workspace.Root}");
        Subreaper.TryEnable();

        var clients = new ClientTable();
        var threads = new ThreadTable();
        var router = new EventRouter(threads, clients, policy, log);
        await using var servers = new AppServerSupervisor(options.InstanceId, StartAppServerAsync, router, log, time);
        var (first, failure) = await servers.GetAsync(stoppingToken);
        if (first is null)
        {
            Problem = failure?.Message ?? "The app-server could not be started.";
            return;
        }

        var keeper = new BrokerRecordKeeper(store, FirstRecord(endpoint, first, log), options.ProgramPath);
        var lifetime = new BrokerLifetime(keeper, brokerLock, options.Limits, time, log);
        var releaser = new ThreadReleaser(Path.Combine(store.Paths.LogsDirectory, "released-threads.log"), options.Limits, log);
        var warden = new TurnWarden(threads, servers, releaser, turnProcesses, options.Limits, log);
        var dispatcher = new RequestDispatcher(lifetime, threads, clients, servers, warden);
        await releaser.MendAsync(first.Server);

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        using (var listener = new BrokerListener(endpoint, log))
        {
            keeper.Publish(first.Server.Identity, force: true);
            Exit = BrokerExit.Done;
            var accepting = listener.AcceptAsync(clients, stream => _ = ServeClientAsync(stream, clients, dispatcher, warden, log), ending.Token);
            await WatchAsync(lifetime, clients, threads, servers, ending.Token);
            keeper.Withdraw();
            await ending.CancelAsync();
            await accepting.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        TryDelete(endpoint);
        foreach (var client in clients.All)
            await client.FinishAsync();
        log.Write("exits");
    }

    private BrokerRecord FirstRecord(string endpoint, AppServerSlot first, BrokerLog log) => new()
    {
        InstanceId = options.InstanceId,
        Endpoint = endpoint,
        Process = processes.Self,
        AppServer = first.Server.Identity,
        StartedAt = time.GetUtcNow(),
        Protocol = BrokerProtocol.Version,
        ToolVersion = options.ToolVersion,
        Fingerprint = options.Fingerprint,
        LogFile = log.Path,
    };

    private static async Task ServeClientAsync(
        Stream stream, ClientTable clients, RequestDispatcher dispatcher, TurnWarden warden, BrokerLog log)
    {
        await using var client = clients.Add(stream);
        try
        {
            await client.RunAsync(dispatcher.HandleAsync);
            await warden.AbandonAsync(client);
        }
        catch (Exception e)
        {
            // One client's trouble must never become the others'.
            log.Write($"client {client.Id} ended badly: {e}");
        }
        finally
        {
            clients.Remove(client);
        }
    }

    private static async Task WatchAsync(
        BrokerLifetime lifetime, ClientTable clients, ThreadTable threads, AppServerSupervisor servers, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            lifetime.Tick(clients.Count, threads.CountTurns(), clients.LastSessionReleased, servers.KeepsDying);
            if (lifetime.Done.IsCompleted)
                return;
            foreach (var slot in servers.Living)
            {
                slot.Tainted |= Memory.ResidentBytes(slot.Server.Identity.Pid) > MaxAppServerBytes;
                if (slot.Tainted && threads.CountTurns(slot) == 0)
                    await servers.StopAsync(slot, "it is replaced");
            }

            Subreaper.ReapAdopted(servers.Living.Select(s => s.Server.Identity.Pid).ToList());
            try
            {
                await lifetime.WaitAsync(TickInterval, stopping);
            }
            catch (OperationCanceledException)
            {
                return; // Told to stop (SIGTERM): connections are closed, clients recover by themselves.
            }
        }
    }

    private Task<AppServerStart> StartAppServerAsync(AppServerSlot slot, CancellationToken cancellationToken) =>
        launcher.StartAsync(options.Codex, options.Environment, slot.Marker, store.Paths.Directory, options.Limits, slot, cancellationToken);

    private string? Variable(string name) => options.Environment.GetValueOrDefault(name);

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A leftover of our own name; doctor finds it.
        }
    }
}
