using CodexCompanion.Pipeline;

namespace CodexCompanion.Tool.Selftest.Rows;

/// <summary>No broker is wanted: tasks run on app-servers of their own and leave nothing.</summary>
internal sealed class NoBrokerRow : Row
{
    private bool _brokerWasThere;

    public override string Name => "no-broker";

    public override string Description => "--no-broker: every task has an app-server of its own.";

    public override TaskCall Call(int number) => base.Call(number) with { Arguments = ["--no-broker"] };

    public override int CountFaults(RowEvidence evidence)
    {
        var sentence = new Fallback(FallbackReason.BrokerDisabled).Sentence;
        return evidence.Runs.Count(r => r.ErrorOutput.Contains(sentence, StringComparison.Ordinal));
    }

    public override string? Objection(RowEvidence evidence)
    {
        if (_brokerWasThere)
            return "A broker was started.";
        return evidence.Journal.ServerCount == Tasks ? null : $"{evidence.Journal.ServerCount} app-servers were started instead of {Tasks}.";
    }

    protected override Task AfterAsync(Sandbox sandbox, int number, CancellationToken cancellation)
    {
        _brokerWasThere |= File.Exists(sandbox.Store.Paths.BrokerFile);
        return Task.CompletedTask;
    }
}
