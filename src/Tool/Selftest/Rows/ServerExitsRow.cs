using CodexCompanion.Tool.Selftest.Simulator.Script;

namespace CodexCompanion.Tool.Selftest.Rows;

/// <summary>The app-server serves one turn and goes.</summary>
internal sealed class ServerExitsRow : Row
{
    private static readonly SimulatedFault Exit = Faults.ExitAfterTurn();

    public override string Name => "server-exits";

    public override string Description => "The app-server exits after every turn.";

    public override SimulationScript Script => new(Faults: [Exit]);

    public override int CountFaults(RowEvidence evidence) => evidence.Journal.FaultCount(Exit.Name);
}
