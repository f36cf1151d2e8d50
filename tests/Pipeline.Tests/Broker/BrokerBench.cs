using System.IO.Abstractions;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.Pipeline.Tests.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Broker;

/// <summary>A workspace with its state, a record of a broker that holds the workspace's lock, and a clock in the test's hand.</summary>
internal sealed class BrokerBench : IDisposable
{
    public static readonly TimeLimits Limits = new()
    {
        Idle = TimeSpan.FromMinutes(15),
        IdleAfterLastSession = TimeSpan.FromSeconds(60),
        BrokerAge = TimeSpan.FromHours(12),
        Drain = TimeSpan.FromMinutes(30),
    };

    private readonly ScratchFolder _folder = new();

    public BrokerBench()
    {
        _folder.Write("work/.git", "gitdir: nowhere\n"); // Whatever lies above it, this is the root.
        var workspace = Workspace.Resolve(WorkspaceRoot);
        var table = new ProcessTable();
        Store = new FileStateStore(new FileSystem(), workspace, StatePaths.For(_folder["state"], workspace), table, TimeProvider.System);
        Store.EnsureCreated();
        _folder.Write("b.sock", "");
        Record = new BrokerRecord
        {
            InstanceId = "0123456789ab",
            Endpoint = _folder["b.sock"],
            Process = table.Self,
            StartedAt = DateTimeOffset.UnixEpoch,
            Protocol = BrokerProtocol.Version,
            ToolVersion = "0.1.0",
            Fingerprint = "f",
            LogFile = _folder["broker.log"],
        };
        Keeper = new BrokerRecordKeeper(Store, Record, _folder.Write("program", ""));
        Lock = Assert.IsType<LockAttempt.Acquired>(Store.Lock(StateLock.Broker).TryAcquire("test")).Lock;
        Log = new BrokerLog(_folder["broker.log"], Record.InstanceId, Time);
        Lifetime = new BrokerLifetime(Keeper, Lock, Limits, Time, Log);
        Keeper.Publish(appServer: null, force: true);
    }

    public string WorkspaceRoot => _folder["work"];

    public string Program => _folder["program"];

    public FileStateStore Store { get; }

    public BrokerRecord Record { get; }

    public BrokerRecordKeeper Keeper { get; }

    public HeldLock Lock { get; }

    public BrokerLog Log { get; }

    public BrokerLifetime Lifetime { get; }

    public ManualTime Time { get; } = new();

    public LockState LockState => Store.Lock(StateLock.Broker).Probe().State;

    public string LogText => File.Exists(Log.Path) ? File.ReadAllText(Log.Path) : "";

    public void Tick(int connections = 0, int turns = 0, bool lastSessionReleased = false, bool keepsDying = false) =>
        Lifetime.Tick(connections, turns, lastSessionReleased, keepsDying);

    public void Dispose()
    {
        Lock.Dispose();
        _folder.Dispose();
    }
}
