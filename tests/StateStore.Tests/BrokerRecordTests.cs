using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Tests.Support;
using CodexCompanion.TestProcesses;

namespace CodexCompanion.StateStore.Tests;

public sealed class BrokerRecordTests : IDisposable
{
    private readonly StoreFixture _fixture = new();

    private FileStateStore Store => _fixture.Store;

    private string BrokerFile => _fixture.Paths.BrokerFile;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void What_is_published_can_be_read()
    {
        Store.PublishBroker(JobActions.Broker("b1"));
        var read = Store.ReadBroker().Value!;
        Assert.Equal(JobActions.Broker("b1"), read with { Extra = null });
        Assert.Equal(NativeDisk.PrivateFile, File.GetUnixFileMode(BrokerFile));
    }

    [Fact]
    public void A_successor_replaces_its_predecessor()
    {
        Store.PublishBroker(JobActions.Broker("b1"));
        Store.PublishBroker(JobActions.Broker("b2"));
        Assert.Equal("b2", Store.ReadBroker().Value!.InstanceId);
    }

    [Fact]
    public void Only_its_own_record_is_withdrawn()
    {
        Store.PublishBroker(JobActions.Broker("b2"));
        Assert.False(Store.WithdrawBroker("b1"));
        Assert.Equal("b2", Store.ReadBroker().Value!.InstanceId);
        Assert.True(Store.WithdrawBroker("b2"));
        Assert.False(Store.WithdrawBroker("b2"));
        Assert.Equal(StateReadKind.Missing, Store.ReadBroker().Kind);
    }

    [Fact]
    public void A_corrupt_record_is_set_aside_and_a_good_one_is_not()
    {
        _fixture.Write(BrokerFile, "{\"version\":1,");
        Assert.Equal(StateReadKind.Corrupt, Store.ReadBroker().Kind);
        Assert.Equal("{\"version\":1,", File.ReadAllText(Store.SetBrokerAside()!));
        Assert.Equal(StateReadKind.Missing, Store.ReadBroker().Kind);
        Store.PublishBroker(JobActions.Broker("b1"));
        Assert.Null(Store.SetBrokerAside());
        Assert.Equal("b1", Store.ReadBroker().Value!.InstanceId);
    }

    [Theory]
    [InlineData("../../evil")]
    [InlineData("")]
    public void A_record_whose_instance_could_lead_out_of_the_folder_is_corrupt(string instanceId)
    {
        Store.PublishBroker(JobActions.Broker("b1"));
        File.WriteAllText(BrokerFile, File.ReadAllText(BrokerFile).Replace("\"b1\"", $"\"{instanceId}\"", StringComparison.Ordinal));
        Assert.Equal(StateReadKind.Corrupt, Store.ReadBroker().Kind);
    }

    [Fact]
    public void A_folder_in_its_place_is_set_aside_when_a_broker_publishes()
    {
        Store.EnsureCreated();
        Directory.CreateDirectory(BrokerFile);
        Store.PublishBroker(JobActions.Broker("b1"));
        Assert.Equal("b1", Store.ReadBroker().Value!.InstanceId);
        Assert.Equal(["broker.json.20261122T101500Z"], _fixture.Quarantined());
    }

    [Fact]
    public void A_record_of_a_later_version_is_left_untouched()
    {
        _fixture.Write(BrokerFile, "{\"version\":2}");
        var refused = Assert.Throws<StateStoreException>(() => Store.PublishBroker(JobActions.Broker("b1")));
        Assert.Equal(StateFailure.TooNew, refused.Failure);
        Assert.Contains(BrokerFile, refused.Message, StringComparison.Ordinal);
        Assert.Null(Store.SetBrokerAside());
        Assert.False(Store.WithdrawBroker("b1"));
        Assert.Equal("{\"version\":2}", File.ReadAllText(BrokerFile));
    }
}
