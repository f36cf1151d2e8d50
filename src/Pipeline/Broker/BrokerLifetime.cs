using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>
/// Running, Draining, Done. The workspace's broker lock means "I accept new work": it is held while running and given back at the very
/// begin of draining, so that a successor can start at once.
/// </summary>
internal sealed class BrokerLifetime(
    BrokerRecordKeeper keeper, HeldLock brokerLock, TimeLimits limits, TimeProvider time, BrokerLog log)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _nudge = new(0);
    private readonly long _startedAt = time.GetTimestamp();
    private long _idleSince = time.GetTimestamp();
    private long? _drainingSince;

    public bool IsDraining => _drainingSince is not null;

    /// <summary>Completes when the broker has nothing left to do.</summary>
    public Task Done => _done.Task;

    public void BeginDraining(string reason)
    {
        lock (_gate)
        {
            if (IsDraining)
                return;
            _drainingSince = time.GetTimestamp();
            log.Write($"draining: {reason}");
            brokerLock.Dispose();
            _nudge.Release();
        }
    }

    /// <summary>Waits until it is time for the next look, or draining has begun.</summary>
    public Task WaitAsync(TimeSpan interval, CancellationToken cancellationToken) => _nudge.WaitAsync(interval, cancellationToken);

    /// <summary>Somebody came to work here. A visit shorter than the time between two looks counts as use, too.</summary>
    public void NoteUse() => Interlocked.Exchange(ref _idleSince, time.GetTimestamp());

    /// <summary>Tells the record of a new app-server.</summary>
    public void PublishAppServer(AppServerSlot slot)
    {
        if (IsDraining)
            return;
        try
        {
            keeper.Publish(slot.Server.Identity);
        }
        catch (StateStoreException e)
        {
            log.Write($"the record could not be renewed: {e.Message}"); // It still names this broker; only its app-server is out of date.
        }
    }

    /// <summary>Looks at everything that may end the broker. Called every two seconds.</summary>
    public void Tick(int connections, int turns, bool lastSessionReleased, bool keepsDying)
    {
        if (connections > 0 || turns > 0)
            NoteUse();

        if (!IsDraining)
        {
            LookAtRecord();
            var idleLimit = lastSessionReleased ? limits.IdleAfterLastSession : limits.Idle;
            if (keepsDying)
                BeginDraining("the app-server keeps dying");
            else if (time.GetElapsedTime(Interlocked.Read(ref _idleSince)) >= idleLimit)
                BeginDraining("idle");
            else if (time.GetElapsedTime(_startedAt) >= limits.BrokerAge && connections == 0 && turns == 0)
                BeginDraining("too old");
        }

        long? drainingSince;
        lock (_gate)
            drainingSince = _drainingSince; // Written by whoever asks for it, in two halves.
        if (drainingSince is { } since && (turns == 0 || time.GetElapsedTime(since) >= limits.Drain))
            _done.TrySetResult();
    }

    private void LookAtRecord()
    {
        try
        {
            var (check, why) = keeper.Check(mayPublish: true);
            if (check == RecordCheck.Superseded)
                BeginDraining(why ?? "another instance took over");
            else if (check == RecordCheck.PublishedAgain)
                log.Write("the record was missing or damaged and is published again");
        }
        catch (StateStoreException e)
        {
            log.Write($"the record could not be published again: {e.Message}"); // The next look tries again.
        }
    }

    public HelloResult Describe(string cookie, int turns, AppServerSlot? slot) => new()
    {
        Cookie = cookie,
        InstanceId = keeper.Record.InstanceId,
        Draining = IsDraining,
        Protocol = keeper.Record.Protocol,
        ToolVersion = keeper.Record.ToolVersion,
        Fingerprint = keeper.Record.Fingerprint,
        AgeMs = (long)time.GetElapsedTime(_startedAt).TotalMilliseconds,
        ActiveTurns = turns,
        Process = keeper.Record.Process,
        AppServer = slot is null
            ? null
            : new AppServerState(slot.Server.Identity, slot.Server.Info.UserAgent, slot.Server.Info.CodexHome, slot.Generation),
    };

    /// <summary>The instance's record, as it was published.</summary>
    public BrokerRecord Record => keeper.Record;

    /// <summary>Where the broker's log is.</summary>
    public string LogFile => log.Path;

    /// <summary>Time since the start.</summary>
    public TimeSpan Age => time.GetElapsedTime(_startedAt);

    /// <summary>Time since somebody last had use for the broker.</summary>
    public TimeSpan IdleFor => time.GetElapsedTime(Interlocked.Read(ref _idleSince));
}
