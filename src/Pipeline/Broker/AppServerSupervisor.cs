using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>Starts an app-server for a slot. A seam for tests; the broker's own is over <see cref="AppServerLauncher"/>.</summary>
internal delegate Task<AppServerStart> StartAppServer(AppServerSlot slot, CancellationToken cancellationToken);

/// <summary>
/// Keeps the broker's app-server: starts one when it is needed, a successor when it died or may take no new work, and gives up when it
/// keeps dying.
/// </summary>
internal sealed class AppServerSupervisor(
    string instanceId, StartAppServer start, IAppServerEvents events, BrokerLog log, TimeProvider time) : IAsyncDisposable
{
    // Three deaths in a row, each within this time of its start and before a single turn, mean it will not get better by trying again.
    private const int MaxQuickDeaths = 3;
    private static readonly TimeSpan QuickDeath = TimeSpan.FromSeconds(30);

    // After the first quick death the next start waits this long, after the second four times as long: whatever was in its way (a database
    // being upgraded, a full process table) has a moment to pass, and a caller's patience of 30 s is hardly touched.
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromMilliseconds(250);
    private const int BackOffFactor = 4;

    private readonly SemaphoreSlim _starting = new(1);
    private readonly Lock _gate = new();
    private readonly List<AppServerSlot> _slots = [];
    private readonly List<Task> _watches = [];
    private int _generations;
    private int _quickDeaths;
    private long _diedAt;
    private string? _lastEnd;

    /// <summary>App-servers started so far.</summary>
    public int Starts => Volatile.Read(ref _generations);

    /// <summary>Whether it died so often that the broker should give up.</summary>
    public bool KeepsDying => Volatile.Read(ref _quickDeaths) >= MaxQuickDeaths;

    /// <summary>Why the last one ended or did not start; null when none has yet.</summary>
    public string? LastEnd => Volatile.Read(ref _lastEnd);

    /// <summary>The living app-server that takes new work; null when none does.</summary>
    public AppServerSlot? Current
    {
        get
        {
            lock (_gate)
                return _slots.FindLast(s => s is { IsAlive: true, Tainted: false });
        }
    }

    /// <summary>All living app-servers.</summary>
    public IReadOnlyList<AppServerSlot> Living
    {
        get
        {
            lock (_gate)
                return _slots.Where(s => s.IsAlive).ToList();
        }
    }

    /// <summary>The app-server for new work; starts one when there is none.</summary>
    public async Task<(AppServerSlot? Slot, AppServerStart.Failed? Failure)> GetAsync(CancellationToken cancellationToken)
    {
        if (Current is { } ready)
            return (ready, null);

        await _starting.WaitAsync(cancellationToken);
        try
        {
            if (Current is { } started)
                return (started, null);
            if (KeepsDying)
                return (null, new AppServerStart.Failed(FailureKind.CodexBroken, $"codex app-server keeps dying. {LastEnd}"));
            await BackOffAsync(cancellationToken);
            return await StartAsync(cancellationToken);
        }
        finally
        {
            _starting.Release();
        }
    }

    private async Task BackOffAsync(CancellationToken cancellationToken)
    {
        var deaths = Volatile.Read(ref _quickDeaths);
        if (deaths == 0)
            return;
        var wait = (FirstBackOff * Math.Pow(BackOffFactor, deaths - 1)) - time.GetElapsedTime(Volatile.Read(ref _diedAt));
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, time, cancellationToken);
    }

    private async Task<(AppServerSlot?, AppServerStart.Failed?)> StartAsync(CancellationToken cancellationToken)
    {
        var generation = ++_generations;
        var slot = new AppServerSlot(generation, $"{instanceId}.{generation}", events);
        var begun = time.GetTimestamp();
        var answer = await start(slot, cancellationToken);
        if (answer is not AppServerStart.Started { Server: var server })
        {
            var failed = (AppServerStart.Failed)answer;
            NoteEnd(failed.Message, wasQuick: true);
            log.Write($"app-server {generation} did not start: {failed.Message}");
            return (null, failed);
        }

        slot.Server = server;
        lock (_gate)
            _slots.Add(slot);
        log.Write($"app-server {generation} started: pid {server.Identity.Pid}, {server.Info.UserAgent}, {time.GetElapsedTime(begun).TotalMilliseconds:0} ms");
        var watch = WatchAsync(slot, begun);
        lock (_gate)
        {
            _watches.RemoveAll(earlier => earlier.IsCompleted);
            _watches.Add(watch);
        }

        return (slot, null);
    }

    private async Task WatchAsync(AppServerSlot slot, long begun)
    {
        var loss = await slot.Server.Peer.Ended;
        lock (_gate)
            _slots.Remove(slot);
        NoteEnd(loss.Message, !slot.HasServed && time.GetElapsedTime(begun) < QuickDeath);
        log.Write($"app-server {slot.Generation} ended: {loss.Message}");
        events.OnEnded(slot, loss);
        await slot.Server.StopAsync();
        await events.OnGoneAsync(slot);
    }

    private void NoteEnd(string why, bool wasQuick)
    {
        Volatile.Write(ref _lastEnd, why);
        Volatile.Write(ref _diedAt, time.GetTimestamp());
        if (wasQuick)
            Interlocked.Increment(ref _quickDeaths);
        else
            Interlocked.Exchange(ref _quickDeaths, 0);
    }

    /// <summary>Ends an app-server with all it started.</summary>
    public async Task StopAsync(AppServerSlot slot, string reason)
    {
        log.Write($"app-server {slot.Generation} is stopped: {reason}");
        await slot.Server.StopAsync();
    }

    /// <summary>Ends all of them, and waits until what follows an end is done: its line in the log, the end of what it left behind.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Living.Select(s => StopAsync(s, "the broker exits")));
        Task[] watches;
        lock (_gate)
            watches = [.. _watches];
        await Task.WhenAll(watches);
        _starting.Dispose();
    }
}
