using CodexCompanion.Tool.Selftest.Simulator.Journal;
using CodexCompanion.Tool.Selftest.Simulator.Script;

namespace CodexCompanion.Tool.Selftest.Rows;

/// <summary>
/// The app-server kills itself in the middle of a turn that edits a file, once for each task: before the edit and after it, by turns. The
/// prompt edits without looking; what is sent after the break must find an edit that is there.
/// </summary>
internal sealed class KilledWritingRow : Row
{
    private const int Count = 12;

    private static readonly SimulatedFault[] Kills =
    [
        .. Enumerable.Range(1, Count).Select(number =>
            Faults.Kill(IsAfter(number) ? FaultPoint.AfterEdit : FaultPoint.BeforeEdit, $"kill-{number}") with
            {
                PromptContains = TaskCall.MarkOf(number),
                Times = 1,
            }),
    ];

    public override int Tasks => Count;

    public override string Name => "killed-writing";

    public override string Description => "The app-server is killed before or after the one edit of every turn.";

    public override SimulationScript Script => new(Faults: Kills);

    public override int CountFaults(RowEvidence evidence) => evidence.Journal.Faults.Values.Sum();

    // The turns killed after their edit are continued, and the continuation must have come across the edit.
    public override string? Objection(RowEvidence evidence)
    {
        var found = evidence.Journal.Of(JournalEvents.EditSkipped).Count();
        return found == Tasks / 2 ? null : $"{found} edits were found to be done already instead of {Tasks / 2}.";
    }

    private static bool IsAfter(int number) => number % 2 == 0;
}
