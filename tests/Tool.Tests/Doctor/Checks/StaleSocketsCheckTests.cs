using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using CodexCompanion.StateStore.Disk;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor.Checks;

[UnsupportedOSPlatform("windows")]
public sealed class StaleSocketsCheckTests : IDisposable
{
    private const string Check = "stale-sockets";
    private readonly DoctorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_thousand_sockets_nobody_listens_on_are_removed_and_those_in_use_stay()
    {
        for (var i = 0; i < 1000; i++)
            _bench.DeadSocket(i.ToString("x12", CultureInfo.InvariantCulture));
        var living = _bench.MuteSocket("bbbbbbbbbbbb");
        var end = await _bench.HealsAsync(Check);
        Assert.Equal("1000 sockets nobody listens on", end.MessageOf(Check));
        Assert.Equal([living], Directory.GetFiles(_bench.SocketFolder));
    }

    [Fact]
    public async Task What_has_not_our_name_is_no_socket_or_belongs_to_a_broker_that_lives_stays()
    {
        _bench.Store.EnsureCreated();
        _bench.DeadSocket("not-ours");
        File.Move(_bench.DeadSocket("ccc"), Path.Combine(_bench.SocketFolder, "ccc.socket"));
        File.WriteAllText(Path.Combine(_bench.SocketFolder, "ddd.sock"), "a file");
        File.CreateSymbolicLink(Path.Combine(_bench.SocketFolder, "eee.sock"), _bench.DeadSocket("ggg") + "-elsewhere");
        File.Delete(Path.Combine(_bench.SocketFolder, "ggg.sock"));
        using (var mkfifo = Process.Start("mkfifo", Path.Combine(_bench.SocketFolder, "fff.sock")))
            await mkfifo.WaitForExitAsync();
        _bench.DeadSocket("0a1b2c3d4e5f");
        _bench.Hold(_bench.Store.InstanceLock("0a1b2c3d4e5f"));
        await _bench.IsLeftAloneAsync(Check);
    }

    [Fact]
    public async Task A_socket_of_a_folder_that_is_not_ours_stays()
    {
        var elsewhere = Directory.CreateDirectory(Path.Combine(_bench.Temp, "elsewhere")).FullName;
        File.Move(_bench.DeadSocket("aaa"), Path.Combine(elsewhere, "aaa.sock"));
        Directory.Delete(_bench.SocketFolder);
        File.CreateSymbolicLink(_bench.SocketFolder, elsewhere);
        await _bench.IsLeftAloneAsync(Check);
        Assert.Equal(FileKind.Socket, NativeDisk.Instance.Look(Path.Combine(elsewhere, "aaa.sock"))!.Kind);
    }
}
