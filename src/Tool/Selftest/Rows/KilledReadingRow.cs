using CodexCompanion.Tool.Selftest.Simulator.Script;

namespace CodexCompanion.Tool.Selftest.Rows;

/// <summary>The app-server kills itself in the middle of a turn that only reads, once for each task.</summary>
internal sealed class KilledReadingRow : Row
{
    private const int Count = 12;

    // Before anything was said, in the middle of the answer, and when the end is recorded but was not yet told.
    private static readonly FaultPoint[] Moments = [FaultPoint.Thinking, FaultPoint.AfterEdit, FaultPoint.TurnRecorded];

    private static readonly SimulatedFault[] Kills =
    [
        .. Enumerable.Range(1, Count).Select(number => Faults.Kill(Moments[number % Moments.Length], $"kill-{number}") with
        {
            PromptContains = TaskCall.MarkOf(number),
            Times = 1,
        }),
    ];

    public override int Tasks => Count;

    public override string Name => "killed-reading";

    public override string Description => "The app-server is killed in the middle of every turn, which only reads.";

    public override SimulationScript Script => new(Faults: Kills);

    public override TaskCall Call(int number) => TaskCall.Reading(number);

    public override int CountFaults(RowEvidence evidence) => evidence.Journal.Faults.Values.Sum();
}
