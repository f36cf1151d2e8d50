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
    ProcessTree tree,
    ProcessEnder ender,
    AppServerLauncher launcher,
    TimeProvider time,
    IHostApplicationLifetime application) : BackgroundService
{
    // Record and socket are looked at this often; also the grain of the idle limit.
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(2);

    // A probe of doctor or of a client takes the lock for a moment; whoever must have it tries for this long.
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(1);

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
        var orphans = new Orphans(options.InstanceId, tree, ender, processes, log);
        try
        {
            await using var board = new Switchboard(Setup(orphans), log, time);
            await ServeAsync(board, endpoint, brokerLock, log, stoppingToken);
        }
        finally
        {
            // Its app-servers are gone by now; what they left behind goes too, whatever way this one ends.
            await orphans.EndAllAsync();
            log.Write("exits");
        }
    }

    private async Task ServeAsync(Switchboard board, string endpoint, HeldLock brokerLock, BrokerLog log, CancellationToken stoppingToken)
    {
        var (first, failure) = await board.Servers.GetAsync(stoppingToken);
        if (first is null)
        {
            Problem = failure?.Message ?? "The app-server could not be started.";
            return;
        }

        var keeper = new BrokerRecordKeeper(store, FirstRecord(endpoint, first, log), options.ProgramPath);
        var lifetime = new BrokerLifetime(keeper, brokerLock, options.Limits, time, log);
        await board.Releaser.MendAsync(first.Server);
        OwnAssemblies.Load();

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        using (var listener = new BrokerListener(endpoint, log))
        {
            keeper.Publish(first.Server.Identity, force: true);
            Exit = BrokerExit.Done;
            var accepting = listener.AcceptAsync(board.Clients, stream => _ = board.ServeAsync(stream, lifetime), ending.Token);
            await WatchAsync(lifetime, board, ending.Token);
            keeper.Withdraw();
            await ending.CancelAsync();
            await accepting.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        TryDelete(endpoint);
        await board.Releaser.FinishAsync(); // Whoever waits for that is answered, too.
        foreach (var client in board.Clients.All)
            await client.FinishAsync();
    }

    private SwitchboardSetup Setup(Orphans orphans) => new(
        options.InstanceId,
        StartAppServerAsync,
        policy,
        turnProcesses,
        Path.Combine(store.Paths.LogsDirectory, "released-threads.log"),
        options.Limits,
        orphans);

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

    private async Task WatchAsync(BrokerLifetime lifetime, Switchboard board, CancellationToken stopping)
    {
        var thrift = new MemoryThrift();
        while (!stopping.IsCancellationRequested)
        {
            var turns = board.Threads.CountTurns();
            lifetime.Tick(board.Clients.Count, turns, board.Clients.LastSessionReleased, board.Servers.KeepsDying);
            if (lifetime.Done.IsCompleted)
                return;
            await board.ReplaceWornOutAsync(options.MaxAppServerBytes);
            Subreaper.ReapAdopted(board.Servers.Living.Select(s => s.Server.Identity.Pid).ToList());
            thrift.Look(board.Clients.Accepted, isQuiet: board.Clients.Count == 0 && turns == 0);
            try
            {
                await lifetime.WaitAsync(TickInterval, stopping);
            }
            catch (OperationCanceledException)
            {
                // Told to stop (SIGTERM): connections are closed, clients recover by themselves, and a successor may start at once.
                lifetime.BeginDraining("told to stop by a signal");
                return;
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
