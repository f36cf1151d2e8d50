using CodexCompanion.Pipeline.Validation;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.Tests.Validation;

/// <summary>Every combination of facts, the impossible ones included.</summary>
internal static class BrokerFactsProduct
{
    private static readonly TimeSpan?[] Ages =
        [null, TimeSpan.FromDays(-400), TimeSpan.Zero, TimeSpan.FromSeconds(14), TimeSpan.FromSeconds(15), TimeSpan.MaxValue];

    public static IEnumerable<BrokerFacts> All() =>
        from record in Enum.GetValues<StateReadKind>()
        from state in Enum.GetValues<LockState>()
        from process in Enum.GetValues<ProcessPresence>()
        from endpoint in Enum.GetValues<EndpointState>()
        from age in Ages
        select new BrokerFacts { Record = record, Lock = state, Process = process, Endpoint = endpoint, RecordAge = age };

    /// <summary>The same with every kind of self-report, none included, whether or not the endpoint answers.</summary>
    public static IEnumerable<BrokerFacts> AllWithReports() =>
        from facts in All()
        from report in Reports()
        select facts with { Report = report };

    private static IEnumerable<BrokerSelfReport?> Reports() =>
        (from draining in new[] { false, true }
         from protocol in new[] { int.MinValue, 1, 2 }
         from fingerprint in new[] { "abc", "", "other" }
         from age in new[] { TimeSpan.MinValue, TimeSpan.FromSeconds(59), TimeSpan.FromHours(1), TimeSpan.MaxValue }
         from turns in new[] { 0, 1 }
         select new BrokerSelfReport(draining, protocol, fingerprint, age, turns))
        .Append<BrokerSelfReport?>(null);
}
