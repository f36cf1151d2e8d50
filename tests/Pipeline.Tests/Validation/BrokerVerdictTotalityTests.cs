using CodexCompanion.Pipeline.Validation;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Validation;

/// <summary>What holds of every combination of facts, possible or not.</summary>
public sealed class BrokerVerdictTotalityTests
{
    private static readonly BrokerWanted Wanted = new(1, "abc", TimeSpan.FromHours(12), TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(60));

    private static readonly List<(BrokerFacts Facts, Verdict Verdict)> All =
        [.. BrokerFactsProduct.AllWithReports().Select(f => (f, BrokerVerdicts.Judge(f, Wanted)))];

    [Fact]
    public void Every_combination_of_facts_has_a_verdict_and_a_reason() =>
        Expect(_ => true, (_, verdict) => Enum.IsDefined(verdict.Kind) && verdict.Reason.Length > 0);

    [Fact]
    public void Every_verdict_comes_out_of_some_facts() =>
        Assert.Equal(Enum.GetValues<VerdictKind>().Order(), All.Select(judged => judged.Verdict.Kind).Distinct().Order());

    [Fact]
    public void What_clears_something_away_or_starts_anew_needs_a_free_lock() =>
        Expect(
            kind => kind is VerdictKind.Stale or VerdictKind.PidReused or VerdictKind.Corrupt or VerdictKind.None,
            (facts, _) => facts.Lock == LockState.Free);

    [Fact]
    public void What_clears_a_record_away_needs_an_endpoint_where_nobody_is() =>
        Expect(
            kind => kind is VerdictKind.Stale or VerdictKind.PidReused,
            (facts, _) => facts is { Record: StateReadKind.Ok, Endpoint: EndpointState.Silent });

    [Fact]
    public void A_broker_is_started_beside_no_record_but_a_missing_one_and_one_set_aside_is_corrupt() =>
        Expect(
            kind => kind is VerdictKind.None or VerdictKind.Corrupt,
            (facts, verdict) => facts.Record == (verdict.Kind == VerdictKind.None ? StateReadKind.Missing : StateReadKind.Corrupt));

    [Fact]
    public void A_broker_is_used_or_retired_only_on_its_own_answer() =>
        Expect(
            kind => kind is VerdictKind.Usable or VerdictKind.Retire or VerdictKind.FingerprintConflict,
            (facts, _) => facts is { Record: StateReadKind.Ok, Endpoint: EndpointState.Answers, Report: not null });

    private static void Expect(Func<VerdictKind, bool> which, Func<BrokerFacts, Verdict, bool> holds)
    {
        foreach (var (facts, verdict) in All.Where(judged => which(judged.Verdict.Kind)))
            Assert.True(holds(facts, verdict), $"{facts} gave {verdict}.");
    }
}
