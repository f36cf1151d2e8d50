using CodexCompanion.StateStore.Records;

namespace CodexCompanion.StateStore.Tests;

public sealed class FindingsTests : IDisposable
{
    private readonly Support.StoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void What_was_decided_survives_and_so_do_members_of_later_versions()
    {
        var store = _fixture.Store;
        Assert.Equal(StateReadKind.Missing, store.ReadFindings().Kind);
        store.UpdateFindings(ledger => ledger with { Findings = [new FindingRecord { Id = "abc", State = FindingState.Wrong, Reason = "no" }] });
        File.WriteAllText(store.Paths.FindingsFile, File.ReadAllText(store.Paths.FindingsFile).Replace("\"id\"", "\"later\": 1, \"id\"", StringComparison.Ordinal));

        store.UpdateFindings(ledger => ledger with { Findings = [.. ledger.Findings, new FindingRecord { Id = "def" }] });

        var findings = store.ReadFindings().Value!.Findings;
        Assert.Equal([FindingState.Wrong, FindingState.Open], findings.Select(f => f.State));
        Assert.Equal(1, findings[0].Extra!["later"].GetInt32());
        Assert.Contains("\"state\": \"wrong\"", File.ReadAllText(store.Paths.FindingsFile), StringComparison.Ordinal);
    }

    [Fact]
    public void A_ledger_of_a_later_version_is_left_alone()
    {
        var store = _fixture.Store;
        store.EnsureCreated();
        File.WriteAllText(store.Paths.FindingsFile, """{"version":2,"findings":[]}""");

        Assert.Equal(StateReadKind.TooNew, store.ReadFindings().Kind);
        Assert.Throws<StateStoreException>(() => store.UpdateFindings(ledger => ledger with { Findings = [] }));
        Assert.Equal("""{"version":2,"findings":[]}""", File.ReadAllText(store.Paths.FindingsFile));
    }

    [Fact]
    public void Twenty_at_once_lose_nothing()
    {
        var store = _fixture.Store;
        Parallel.For(0, 20, i => store.UpdateFindings(ledger => ledger with { Findings = [.. ledger.Findings, new FindingRecord { Id = $"f{i}" }] }));

        Assert.Equal(20, store.ReadFindings().Value!.Findings.Count);
    }
}
