using System.Runtime.Versioning;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor.Checks;

[UnsupportedOSPlatform("windows")]
public sealed class StuckLocksCheckTests : IDisposable
{
    private const string Check = "stuck-locks";
    private readonly DoctorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_state_lock_that_somebody_holds_names_its_holder_and_is_no_hang()
    {
        _bench.Job("task-a");
        _bench.Hold(_bench.Store.Lock(StateLock.State));
        var end = await _bench.LookAsync("--check", Check);
        Assert.Equal(("problem", 1), (end.StatusOf(Check), end.ExitCode));
        Assert.Contains($"by process {Environment.ProcessId} (a test)", end.MessageOf(Check), StringComparison.Ordinal);
        Assert.Equal([$"kill -CONT {Environment.ProcessId} && kill {Environment.ProcessId}"], end.CommandsOf(Check));
        Assert.Equal("manual", end.KindOf(Check));
    }

    [Fact]
    public async Task A_repair_that_needs_the_lock_says_who_has_it_and_leaves_everything_as_it_is()
    {
        _bench.Job("task-a");
        File.WriteAllText(_bench.Paths.IndexFile, "{");
        using (_bench.Hold(_bench.Store.Lock(StateLock.State)))
        {
            var before = _bench.Tree();
            var end = await _bench.DoctorAsync("--check", "jobs-index");
            Assert.Equal(("failed", 1), (end.StatusOf("jobs-index"), end.ExitCode));
            Assert.Contains($"held by process {Environment.ProcessId}", end["jobs-index"].GetProperty("findings")[0].GetProperty("failure").GetString(), StringComparison.Ordinal);
            Assert.Equal(before, _bench.Tree());
        }

        await _bench.HealsAsync("jobs-index");
    }

    [Theory]
    [InlineData("folder")]
    [InlineData("link")]
    public async Task What_stands_in_a_locks_place_is_set_aside(string what)
    {
        _bench.Job("task-a");
        var path = _bench.Paths.LockFile(StateLock.State);
        File.Delete(path);
        if (what == "folder")
            Directory.CreateDirectory(path);
        else
            File.CreateSymbolicLink(path, "/nowhere");
        await _bench.HealsAsync(Check);
        Assert.Equal(FileKind.Regular, NativeDisk.Instance.Look(path)!.Kind);
    }

    [Fact]
    public async Task Locks_that_a_broker_holds_are_as_they_should_be()
    {
        _bench.Job("task-a");
        _bench.Hold(_bench.Store.Lock(StateLock.Broker));
        await _bench.IsLeftAloneAsync(Check);
    }
}
