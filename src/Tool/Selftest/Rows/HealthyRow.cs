using CodexCompanion.Pipeline.Steps;

namespace CodexCompanion.Tool.Selftest.Rows;

/// <summary>Nothing goes wrong: the first task starts the broker, all share it and its one app-server.</summary>
internal sealed class HealthyRow : Row
{
    public override string Name => "healthy";

    public override string Description => "Twelve tasks share one broker and one app-server.";

    public override int LeastFaults => 0;

    public override int CountFaults(RowEvidence evidence) => 0;

    public override string? Objection(RowEvidence evidence)
    {
        var connected = evidence.Runs.Count(r => r.HasVerdict(ConnectStep.StepName, "connected"));
        if (connected < Tasks - 1)
            return $"Only {connected} tasks found the broker of the first one.";
        return evidence.Journal.ServerCount == 1 ? null : $"{evidence.Journal.ServerCount} app-servers were started instead of one.";
    }
}
