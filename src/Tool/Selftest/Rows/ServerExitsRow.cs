using CodexCompanion.Tool.Selftest.Simulator.Journal;
using CodexCompanion.Tool.Selftest.Simulator.Script;

namespace CodexCompanion.Tool.Selftest.Rows;

/// <summary>The app-server serves one turn and goes.</summary>
internal sealed class ServerExitsRow : Row
{
    public override string Name => "server-exits";

    public override string Description => "The app-server exits after every turn.";

    public override SimulationScript Script => new(Faults: [Faults.ExitAfterTurn()]);

    /// <summary>Servers that went after a turn. A task that comes while one is still leaving has a server of its own, which may be told to go before
    /// it does so by itself.</summary>
    public override int CountFaults(RowEvidence evidence)
    {
        var served = evidence.Journal.Of(JournalEvents.TurnEnded).Select(e => e.Server).ToHashSet(StringComparer.Ordinal);
        return evidence.Journal.Of(JournalEvents.ServerExit).Count(e => served.Contains(e.Server));
    }
}
