using System.Runtime.Versioning;
using CodexCompanion.StateStore;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor.Checks;

[UnsupportedOSPlatform("windows")]
public sealed class BrokerRecordCheckTests : IDisposable
{
    private const string Check = "broker-record";
    private readonly DoctorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("\0\0\0\0")]
    [InlineData("{\"version\":1,\"instanceId\":5}")]
    [InlineData("{\"version\":1,\"instanceId\":\"../../x\",\"endpoint\":\"/x\"}")]
    public async Task A_damaged_record_is_set_aside(string content)
    {
        _bench.Store.EnsureCreated();
        File.WriteAllText(_bench.Paths.BrokerFile, content);
        Mode(_bench.Paths.BrokerFile);
        var end = await _bench.HealsAsync(Check);
        Assert.StartsWith("set aside as quarantine/broker.json.", end.DoneOf(Check), StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(Path.Combine(_bench.Paths.QuarantineDirectory, Assert.Single(_bench.Quarantined()))));
    }

    [Fact]
    public async Task A_record_of_a_broker_that_is_gone_is_set_aside_and_its_socket_removed()
    {
        _bench.Store.PublishBroker(_bench.Record("0a1b2c3d4e5f", DoctorBench.Gone));
        var socket = _bench.DeadSocket("0a1b2c3d4e5f");
        await _bench.HealsAsync(Check);
        Assert.False(File.Exists(socket));
        Assert.Equal(StateReadKind.Missing, _bench.Store.ReadBroker().Kind);
    }

    [Fact]
    public async Task A_record_whose_pid_is_another_process_now_is_set_aside_and_the_process_not_touched()
    {
        // This very process, with a start time that is not its own: were it signalled, the tests would end here.
        _bench.Store.PublishBroker(_bench.Record("0a1b2c3d4e5f", DoctorBench.Self with { StartTime = "1" }));
        var end = await _bench.HealsAsync(Check);
        Assert.Contains("is another process now", end.MessageOf(Check), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_outside_of_our_folder_is_never_removed()
    {
        var elsewhere = Path.Combine(_bench.Temp, "0a1b2c3d4e5f.sock");
        File.Move(_bench.DeadSocket("0a1b2c3d4e5f"), elsewhere);
        _bench.Store.PublishBroker(_bench.Record("0a1b2c3d4e5f", DoctorBench.Gone, elsewhere));
        await _bench.HealsAsync(Check);
        Assert.True(File.Exists(elsewhere));
    }

    [Fact]
    public async Task A_record_of_a_later_version_is_told_of_and_not_touched()
    {
        _bench.Store.EnsureCreated();
        File.WriteAllText(_bench.Paths.BrokerFile, "{\"version\":999}");
        Mode(_bench.Paths.BrokerFile);
        var before = _bench.Tree();
        var end = await _bench.DoctorAsync("--force");
        Assert.Equal(("warning", 0), (end.StatusOf(Check), end.ExitCode));
        Assert.Equal(["dotnet tool update --global codex-companion"], end.CommandsOf(Check));
        Assert.Equal(before, _bench.Tree());
    }

    [Fact]
    public async Task A_damaged_record_of_a_living_broker_is_set_aside_for_it_to_publish_again()
    {
        _bench.Store.EnsureCreated();
        _bench.Hold(_bench.Store.Lock(StateLock.Broker));
        File.WriteAllText(_bench.Paths.BrokerFile, "damaged");
        Mode(_bench.Paths.BrokerFile);
        var end = await _bench.DoctorAsync("--check", Check);
        Assert.Equal("repaired", end.StatusOf(Check));
    }

    [Fact]
    public async Task No_record_is_nothing_to_find() => await _bench.IsLeftAloneAsync(Check);

    private static void Mode(string path) => File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
}
