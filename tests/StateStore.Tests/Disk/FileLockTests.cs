using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Tests.Support;

namespace CodexCompanion.StateStore.Tests.Disk;

public sealed class FileLockTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly ProcessTable _processes = new();

    private string LockPath => _temp["x.lock"];

    private string SideFile => _temp["x.lock.holder.json"];

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_lock_is_held_by_one_and_free_after_it()
    {
        var first = Acquire();
        Assert.IsType<LockAttempt.Held>(Lock().TryAcquire("second"));
        Assert.Equal(LockState.Held, Lock().Probe().State);
        first.Dispose();
        Assert.Equal(LockState.Free, Lock().Probe().State);
        Acquire().Dispose();
    }

    [Fact]
    public void The_side_file_names_the_holder_while_it_holds()
    {
        using (Acquire("starting a broker"))
        {
            var held = Assert.IsType<LockAttempt.Held>(Lock().TryAcquire("second"));
            Assert.Equal(new LockHolder(_processes.Self, "starting a broker", new FakeClock().GetUtcNow()), held.Holder);
            Assert.Equal(held.Holder, Lock().Probe().Holder);
            Assert.Equal(NativeDisk.PrivateFile, File.GetUnixFileMode(LockPath));
            Assert.Equal(NativeDisk.PrivateFile, File.GetUnixFileMode(SideFile));
        }

        Assert.False(File.Exists(SideFile));
        Assert.True(File.Exists(LockPath));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"process":null,"purpose":"x","since":"2026-01-01T00:00:00Z"}""")]
    public void A_damaged_side_file_leaves_the_holder_unknown(string content)
    {
        using var held = Acquire();
        File.WriteAllText(SideFile, content);
        Assert.Equal(new LockProbe(LockState.Held, Holder: null, Reason: null), Lock().Probe());
    }

    [Fact]
    public void A_side_file_that_cannot_be_written_does_not_cost_the_lock()
    {
        _temp.Folder("x.lock.holder.json", "occupied");
        using (Acquire())
            Assert.Equal(LockState.Held, Lock().Probe().State);
        Assert.Equal(LockState.Free, Lock().Probe().State);
    }

    [Fact]
    public void Two_probes_at_once_do_not_take_each_other_for_a_holder()
    {
        Acquire().Dispose();
        using (NativeDisk.Instance.OpenShared(LockPath)) // Another probe, in the middle of its look.
        {
            Assert.Equal(LockState.Free, Lock().Probe().State);
            Assert.IsType<LockAttempt.Held>(Lock().TryAcquire("whoever must have it tries again"));
        }

        Acquire().Dispose();
    }

    [Fact]
    public void A_probe_creates_nothing()
    {
        Assert.Equal(LockState.Free, Lock().Probe().State);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_temp.Path));
    }

    [Fact]
    public async Task A_lock_is_freed_when_its_holder_is_killed()
    {
        using var holder = new TestProcess("hold-lock", LockPath);
        Assert.Equal("held", await holder.ReadLineAsync());
        Assert.Equal(holder.Id, Lock().Probe().Holder!.Process.Pid);
        Assert.Equal(ProcessPresence.Same, _processes.Look(Lock().Probe().Holder!.Process));
        holder.Kill();
        Assert.Equal(LockState.Free, Lock().Probe().State);
        using var mine = Acquire("after");
        Assert.Equal("after", Lock().Probe().Holder!.Purpose);
    }

    [Fact]
    public async Task Another_process_is_kept_out_and_told_who_holds_it()
    {
        using var held = Acquire();
        using var other = new TestProcess("hold-lock", LockPath);
        Assert.Equal($"refused {Environment.ProcessId}", await other.ReadLineAsync());
        Assert.Equal(1, await other.FinishAsync());
    }

    [Fact]
    public async Task Where_locking_is_switched_off_a_lock_is_unusable_and_not_taken()
    {
        var off = new Dictionary<string, string> { ["DOTNET_SYSTEM_IO_DISABLEFILELOCKING"] = "1" };
        using var blind = new TestProcess(off, "hold-lock", LockPath);
        Assert.StartsWith("unusable Locks do not work", await blind.ReadLineAsync(), StringComparison.Ordinal);
        using var held = Acquire(); // Left free, and the file of the same name exists by now.
        using var probe = new TestProcess(off, "probe-lock", LockPath);
        Assert.Equal("Unusable", await probe.ReadLineAsync());
    }

    [Fact]
    public async Task Waiting_ends_when_the_holder_releases()
    {
        var first = Acquire();
        var waiting = Lock().AcquireAsync("second", TimeSpan.FromSeconds(30), CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        first.Dispose();
        using var second = Assert.IsType<LockAttempt.Acquired>(await waiting).Lock;
    }

    [Fact]
    public async Task Waiting_ends_with_the_limit_and_names_the_holder()
    {
        using var first = Acquire("first");
        var attempt = await Lock().AcquireAsync("second", TimeSpan.FromMilliseconds(100), CancellationToken.None);
        Assert.Equal("first", Assert.IsType<LockAttempt.Held>(attempt).Holder!.Purpose);
    }

    [Fact]
    public async Task Waiting_can_be_cancelled()
    {
        using var first = Acquire();
        using var cancel = new CancellationTokenSource();
        var waiting = Lock().AcquireAsync("second", TimeSpan.FromMinutes(5), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Probes_do_not_keep_out_who_allows_a_second()
    {
        using var stop = new CancellationTokenSource();
        var probing = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
                Lock().Probe();
        });
        for (var i = 0; i < 50; i++)
        {
            var attempt = await Lock().AcquireAsync("x", TimeSpan.FromSeconds(1), CancellationToken.None);
            Assert.IsType<LockAttempt.Acquired>(attempt).Lock.Dispose();
        }

        await stop.CancelAsync();
        await probing;
    }

    [Fact]
    public void A_missing_folder_makes_it_unusable() =>
        Assert.IsType<LockAttempt.Unusable>(Lock(_temp["no/such/x.lock"]).TryAcquire("x"));

    [Fact]
    public void A_pipe_in_its_place_makes_it_unusable_and_does_not_hang()
    {
        Shell.MakePipe(LockPath);
        Assert.IsType<LockAttempt.Unusable>(Lock().TryAcquire("x"));
        Assert.Equal(LockState.Unusable, Lock().Probe().State);
    }

    [Fact]
    public void A_link_or_a_folder_in_its_place_makes_it_unusable()
    {
        File.CreateSymbolicLink(LockPath, _temp["elsewhere"]);
        Assert.IsType<LockAttempt.Unusable>(Lock().TryAcquire("x"));
        Assert.IsType<LockAttempt.Unusable>(Lock(_temp.Folder("folder.lock")).TryAcquire("x"));
        Assert.False(File.Exists(_temp["elsewhere"]));
    }

    [Fact]
    public void Releasing_twice_does_not_release_the_next_holders_lock()
    {
        var first = Acquire("first");
        first.Dispose();
        using var second = Acquire("second");
        first.Dispose();
        Assert.Equal("second", Lock().Probe().Holder!.Purpose);
    }

    private FileLock Lock(string? path = null) => new(path ?? LockPath, NativeDisk.Instance, _processes, new FakeClock());

    private HeldLock Acquire(string purpose = "test") => Assert.IsType<LockAttempt.Acquired>(Lock().TryAcquire(purpose)).Lock;
}
