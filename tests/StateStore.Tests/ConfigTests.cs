using System.Text.Json.Nodes;
using CodexCompanion.StateStore.Tests.Support;

namespace CodexCompanion.StateStore.Tests;

public sealed class ConfigTests : IDisposable
{
    private readonly StoreFixture _fixture = new();

    private FileStateStore Store => _fixture.Store;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Settings_are_kept_and_mirrored_in_the_index()
    {
        Assert.True(Store.UpdateConfig(config => config with { StopReviewGate = true }).StopReviewGate);
        Assert.True(Store.ReadConfig().Value!.StopReviewGate);
        Assert.True(Mirrored());
    }

    [Fact]
    public void No_change_writes_nothing()
    {
        Store.UpdateConfig(config => config);
        Assert.Equal(StateReadKind.Missing, Store.ReadConfig().Kind);
    }

    [Fact]
    public void The_index_seeds_the_settings_when_only_it_exists()
    {
        _fixture.WriteIndex("""{"version":1,"config":{"stopReviewGate":true,"later":1},"jobs":[]}""");
        Assert.True(Store.ReadConfig().Value!.StopReviewGate);
        Assert.True(Store.UpdateConfig(config => config with { Extra = config.Extra, Version = 1 }).StopReviewGate);
        Assert.Contains("\"later\": 1", File.ReadAllText(_fixture.Paths.ConfigFile), StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_survive_a_lost_and_a_torn_index()
    {
        Store.UpdateConfig(config => config with { StopReviewGate = true });
        _fixture.Create("task-1");
        File.Delete(_fixture.Paths.IndexFile);
        Assert.Single(Store.ListJobs());
        Assert.True(Mirrored());
        _fixture.WriteIndex("{\"version\":1,\"config\":{\"stopReviewGate\":false},\"jobs\":[");
        Assert.Single(Store.ListJobs());
        Assert.True(Mirrored());
        Assert.True(Store.ReadConfig().Value!.StopReviewGate);
    }

    [Fact]
    public void Settings_that_only_a_torn_index_has_are_kept()
    {
        _fixture.WriteIndex("{\"version\":1,\"config\":{\"stopReviewGate\":true},\"jobs\":[{\"id\"");
        Store.ListJobs();
        Assert.True(Store.ReadConfig().Value!.StopReviewGate);
    }

    [Theory]
    [InlineData("{", StateFailure.Corrupt)]
    [InlineData("{\"version\":2}", StateFailure.TooNew)]
    public void Settings_that_cannot_be_understood_are_never_overwritten(string content, StateFailure failure)
    {
        _fixture.Write(_fixture.Paths.ConfigFile, content);
        Assert.Equal(failure, Assert.Throws<StateStoreException>(() => Store.UpdateConfig(config => config with { StopReviewGate = true })).Failure);
        _fixture.Create("task-1");
        Assert.Equal(content, File.ReadAllText(_fixture.Paths.ConfigFile));
    }

    private bool Mirrored() => (bool)JsonNode.Parse(File.ReadAllText(_fixture.Paths.IndexFile))!["config"]!["stopReviewGate"]!;
}
