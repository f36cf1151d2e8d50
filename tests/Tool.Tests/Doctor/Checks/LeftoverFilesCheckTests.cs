using System.Globalization;
using System.Runtime.Versioning;
using CodexCompanion.StateStore.Disk;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor.Checks;

[UnsupportedOSPlatform("windows")]
public sealed class LeftoverFilesCheckTests : IDisposable
{
    private const string Check = "leftover-files";
    private readonly DoctorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Temporary_files_of_processes_that_are_gone_are_removed()
    {
        _bench.Job("task-a");
        Write(_bench.Paths.JobsDirectory, ".task-a.json.2147483646-0123456789ab.tmp");
        Write(_bench.Paths.Directory, ".jobs.json.2147483646-0123456789ab.tmp");
        Write(_bench.Paths.QuarantineDirectory, ".jobs.json.2147483646-0123456789ab.tmp");
        var end = await _bench.HealsAsync(Check);
        Assert.Equal("3 files were left by processes that are gone", end.MessageOf(Check));
        Assert.Empty(_bench.Quarantined());
    }

    [Fact]
    public async Task A_write_that_is_going_on_is_left_alone_and_an_old_one_of_a_recycled_pid_is_not()
    {
        _bench.Job("task-a");
        var pid = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        var path = Write(_bench.Paths.Directory, $".jobs.json.{pid}-0123456789ab.tmp");
        await _bench.IsLeftAloneAsync(Check);
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
        await _bench.HealsAsync(Check);
    }

    [Fact]
    public async Task The_lock_of_a_broker_that_is_gone_is_removed_and_one_that_is_held_stays()
    {
        _bench.Job("task-a");
        var old = Write(_bench.Paths.LocksDirectory, "instance-0a1b2c3d4e5f.lock");
        File.SetLastWriteTimeUtc(old, DateTime.UnixEpoch);
        var held = _bench.Hold(_bench.Store.InstanceLock("111111111111"));
        await _bench.HealsAsync(Check);
        Assert.Equal([held.Path], Directory.GetFiles(_bench.Paths.LocksDirectory, "instance-*.lock"));
    }

    [Fact]
    public async Task What_a_broker_said_at_a_start_that_nobody_waited_for_is_kept()
    {
        _bench.Job("task-a");
        var said = Write(_bench.Paths.LogsDirectory, "start-0a1b2c3d4e5f.log", "it went wrong");
        var silent = Write(_bench.Paths.LogsDirectory, "start-111111111111.log");
        foreach (var path in (string[])[said, silent])
            File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
        await _bench.HealsAsync(Check, dryRunExit: 0);
        Assert.StartsWith("start-0a1b2c3d4e5f.log.", Assert.Single(_bench.Quarantined()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hidden_files_of_others_are_left_alone()
    {
        _bench.Job("task-a");
        Write(_bench.Paths.Directory, ".DS_Store");
        Write(_bench.Paths.Directory, ".notes.tmp");
        Write(_bench.Paths.Directory, ".x.12-0123456789aX.tmp");
        await _bench.IsLeftAloneAsync(Check);
    }

    private static string Write(string folder, string name, string content = "")
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, NativeDisk.PrivateFile);
        return path;
    }
}
