using CodexCompanion.Pipeline.Broker;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Broker;

public sealed class BrokerRecordKeeperTests : IDisposable
{
    private readonly BrokerBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void A_record_that_stands_is_left_alone()
    {
        var before = File.GetLastWriteTimeUtc(_bench.Store.Paths.BrokerFile);

        Assert.Equal((RecordCheck.Fine, null), _bench.Keeper.Check(mayPublish: true));
        Assert.Equal(before, File.GetLastWriteTimeUtc(_bench.Store.Paths.BrokerFile));
    }

    [Fact]
    public void A_missing_record_is_published_again()
    {
        File.Delete(_bench.Store.Paths.BrokerFile);

        Assert.Equal(RecordCheck.PublishedAgain, _bench.Keeper.Check(mayPublish: true).Check);
        Assert.Equal(_bench.Record.InstanceId, _bench.Store.ReadBroker().Value?.InstanceId);
    }

    [Fact]
    public void A_missing_record_is_published_again_only_by_one_that_may()
    {
        File.Delete(_bench.Store.Paths.BrokerFile);

        Assert.Equal(RecordCheck.Fine, _bench.Keeper.Check(mayPublish: false).Check);
        Assert.Equal(StateReadKind.Missing, _bench.Store.ReadBroker().Kind);
    }

    [Fact]
    public void A_corrupt_record_is_set_aside_and_published_again()
    {
        File.WriteAllText(_bench.Store.Paths.BrokerFile, "{");

        Assert.Equal(RecordCheck.PublishedAgain, _bench.Keeper.Check(mayPublish: true).Check);
        Assert.Equal(_bench.Record.InstanceId, _bench.Store.ReadBroker().Value?.InstanceId);
        Assert.Equal("{", File.ReadAllText(Assert.Single(Directory.GetFiles(_bench.Store.Paths.QuarantineDirectory))));
    }

    [Fact]
    public void A_record_of_a_newer_tool_is_left_alone()
    {
        var newer = File.ReadAllText(_bench.Store.Paths.BrokerFile).Replace("\"version\": 1", "\"version\": 99", StringComparison.Ordinal).Replace("\"version\":1", "\"version\":99", StringComparison.Ordinal);
        File.WriteAllText(_bench.Store.Paths.BrokerFile, newer);
        Assert.Equal(StateReadKind.TooNew, _bench.Store.ReadBroker().Kind);

        Assert.Equal(RecordCheck.Fine, _bench.Keeper.Check(mayPublish: true).Check);
        Assert.Equal(newer, File.ReadAllText(_bench.Store.Paths.BrokerFile));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Something_else_where_the_socket_was_means_that_nobody_can_come_any_more(bool isLink)
    {
        if (OperatingSystem.IsWindows())
            return; // Endpoints are no files there.
        File.Move(_bench.Record.Endpoint, _bench.Record.Endpoint + ".old"); // It keeps its inode: the new one has another.
        if (isLink)
            File.CreateSymbolicLink(_bench.Record.Endpoint, _bench.Record.Endpoint + ".old");
        else
            File.WriteAllText(_bench.Record.Endpoint, "");

        AssertSuperseded("something else");
    }

    [Fact]
    public void A_record_of_another_instance_means_that_it_took_over()
    {
        _bench.Store.PublishBroker(_bench.Record with { InstanceId = "ba9876543210" });

        AssertSuperseded("ba9876543210");
    }

    [Fact]
    public void A_socket_that_is_gone_means_that_nobody_can_come_any_more()
    {
        File.Delete(_bench.Record.Endpoint);

        AssertSuperseded("socket");
    }

    [Fact]
    public void A_workspace_that_is_gone_needs_no_broker()
    {
        Directory.Delete(_bench.WorkspaceRoot, recursive: true);

        AssertSuperseded("workspace");
    }

    [Fact]
    public void A_state_folder_that_is_gone_is_not_brought_back()
    {
        var state = _bench.Store.Paths.Directory;
        Directory.Delete(state, recursive: true);

        AssertSuperseded("state folder");
        Assert.False(Directory.Exists(state));
    }

    [Fact]
    public void A_tool_that_was_removed_needs_no_broker()
    {
        File.Delete(_bench.Program);

        AssertSuperseded("tool");
    }

    [Fact]
    public void A_tool_that_was_replaced_needs_another_broker()
    {
        File.WriteAllText(_bench.Program, "the next version");

        Assert.Equal((RecordCheck.Superseded, "the tool was removed or replaced"), _bench.Keeper.Check(mayPublish: true));
    }

    [Fact]
    public void A_new_app_server_is_published_once()
    {
        var server = new ProcessIdentity(4711, "1", "boot", "ns");
        _bench.Keeper.Publish(server);
        Assert.Equal(server, _bench.Store.ReadBroker().Value?.AppServer);

        // Publishing what stands there already writes nothing.
        File.Delete(_bench.Store.Paths.BrokerFile);
        _bench.Keeper.Publish(server);
        Assert.Equal(StateReadKind.Missing, _bench.Store.ReadBroker().Kind);

        Assert.Equal(RecordCheck.PublishedAgain, _bench.Keeper.Check(mayPublish: true).Check);
        Assert.Equal(server, _bench.Store.ReadBroker().Value?.AppServer);
    }

    [Fact]
    public void Only_its_own_record_is_withdrawn()
    {
        _bench.Store.PublishBroker(_bench.Record with { InstanceId = "ba9876543210" });
        _bench.Keeper.Withdraw();
        Assert.Equal("ba9876543210", _bench.Store.ReadBroker().Value?.InstanceId);

        _bench.Store.PublishBroker(_bench.Record);
        _bench.Keeper.Withdraw();
        Assert.Equal(StateReadKind.Missing, _bench.Store.ReadBroker().Kind);
    }

    private void AssertSuperseded(string why)
    {
        var (check, reason) = _bench.Keeper.Check(mayPublish: true);
        Assert.Equal(RecordCheck.Superseded, check);
        Assert.Contains(why, reason, StringComparison.Ordinal);
    }
}
