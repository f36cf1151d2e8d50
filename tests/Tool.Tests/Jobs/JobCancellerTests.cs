using System.Diagnostics;
using System.Net.Sockets;
using CodexCompanion.Pipeline;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Jobs;
using Xunit;

namespace CodexCompanion.Tool.Tests.Jobs;

/// <summary>How long a cancel may take, on a clock of its own.</summary>
public sealed class JobCancellerTests : IDisposable
{
    private const string JobId = "task-stubborn";

    private readonly ToolBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [LinuxFact]
    public async Task What_is_left_of_a_dead_worker_and_does_not_go_shares_one_time_however_often_it_is_found()
    {
        var start = new ProcessStartInfo(JobProcessBench.Built("companion-test-process"), ["sleep"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment[ProcessTree.JobVariable] = JobId;
        start.Environment[ProcessTree.InstanceVariable] = DirectServer.InstanceOf(JobId);
        using var remains = Process.Start(start)!;
        Assert.Equal("sleeping", await remains.StandardOutput.ReadLineAsync());

        var processes = new Stubborn(remains.Id);
        var time = new HurryingTime();
        var host = _bench.Host(Stream.Null, Stream.Null) with { Time = time, Processes = () => processes };
        var dead = new ProcessIdentity(int.MaxValue - 1, "1", processes.Self.BootId, processes.Self.PidNamespace);
        var job = new JobRecord { Id = JobId, Status = JobStatus.Running, Process = dead, Pid = dead.Pid };
        _bench.Store.CreateJob(job);

        var limits = new TimeLimits();
        var begun = time.GetTimestamp();
        var end = Assert.IsType<JobCancel.Cancelled>(await new JobCanceller(host, limits).CancelAsync(_bench.Store, job));
        Assert.InRange(time.GetElapsedTime(begun), TimeSpan.FromSeconds(5), limits.Cancel + TimeSpan.FromSeconds(1));
        Assert.Contains($"{remains.Id}", Assert.Single(end.Proof.ProcessesLeft), StringComparison.Ordinal);

        remains.StandardInput.Close();
        await remains.WaitForExitAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_mute_broker_costs_a_cancel_no_more_than_its_time(bool named)
    {
        using var mute = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var path = Path.Combine(_bench.Root, "mute.sock");
        mute.Bind(new UnixDomainSocketEndPoint(path));
        mute.Listen();
        var self = new ProcessTable().Self;
        var dead = new ProcessIdentity(int.MaxValue - 1, "1", self.BootId, self.PidNamespace);
        _bench.Store.CreateJob(new JobRecord { Id = JobId, Status = JobStatus.Running, Process = dead, Pid = dead.Pid, ThreadId = "t", BrokerEndpoint = path });
        _bench.Variables["CODEX_COMPANION_CANCEL_LIMIT"] = "1s";
        _bench.Variables["CODEX_COMPANION_HANDSHAKE_LIMIT"] = "30s";

        var watch = Stopwatch.StartNew();
        var end = await _bench.RunAsync(named ? ["cancel", JobId] : ["cancel"]);

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15)); // A busy machine takes its time, but the broker must not take its thirty seconds.
        Assert.Equal((0, JobStatus.Cancelled), (end.ExitCode, _bench.Store.ReadJob(JobId).Value!.Status));
    }

    /// <summary>The processes there are; but one is not known well enough to be signalled or to be called gone.</summary>
    private sealed class Stubborn(int pid) : IProcessTable
    {
        private readonly ProcessTable _table = new();

        public ProcessIdentity Self => _table.Self;

        public ProcessIdentity? Identify(int other) => _table.Identify(other);

        public ProcessPresence Look(ProcessIdentity recorded) => recorded.Pid == pid ? ProcessPresence.Unknown : _table.Look(recorded);
    }

    /// <summary>A clock on which every wait is over at once, and took its time.</summary>
    private sealed class HurryingTime : TimeProvider
    {
        private long _ticks = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _ticks);

        public override DateTimeOffset GetUtcNow() => new(GetTimestamp(), TimeSpan.Zero);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime > TimeSpan.Zero)
                Interlocked.Add(ref _ticks, dueTime.Ticks);
            return System.CreateTimer(callback, state, dueTime < TimeSpan.Zero ? dueTime : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
