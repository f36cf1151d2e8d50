using CodexCompanion.Tool.Selftest.Simulator.Journal;

namespace CodexCompanion.Tool.Selftest.Rows;

/// <summary>
/// Three rounds of four tasks at once, the first without a broker, so that all four want to start it. The turns of a round wait for each
/// other: each runs a command that ends when all four turns have begun.
/// </summary>
internal sealed class FourAtOnceRow : Row
{
    private const int AtOnce = 4;

    // Four starts take a second; a round that does not come together within this is over, and its tasks fail.
    private static readonly TimeSpan RoundLimit = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);

    public override string Name => "four-at-once";

    public override string Description => "Three rounds of four tasks whose turns all run at the same time.";

    public override string? WhyNotHere => OperatingSystem.IsWindows() ? "Its turns wait for each other with a Unix shell." : null;

    // Counted are the rounds in which all four turns ran at once.
    public override int LeastFaults => Tasks / AtOnce;

    public override TaskCall Call(int number) =>
        TaskCall.Writing(number, $"run until test -e {Gate(RoundOf(number))}; do sleep 0.05; done");

    public override async Task<IReadOnlyList<TaskRun>> RunAsync(Sandbox sandbox, CancellationToken cancellation)
    {
        var runs = new List<TaskRun>();
        foreach (var round in Enumerable.Range(1, Tasks).Chunk(AtOnce))
        {
            var tasks = Task.WhenAll(round.Select(number => sandbox.RunAsync(Call(number), cancellation)));
            await MeetAsync(sandbox, round, tasks);
            await File.WriteAllTextAsync(Path.Combine(sandbox.Workspace, Gate(RoundOf(round[0]))), "", CancellationToken.None);
            runs.AddRange(await tasks);
        }

        return runs;
    }

    public override int CountFaults(RowEvidence evidence) =>
        Enumerable.Range(1, Tasks).Chunk(AtOnce).Count(round => MostAtOnce(evidence.Journal, round) == AtOnce);

    public override string? Objection(RowEvidence evidence) =>
        evidence.Journal.ServerCount == 1 ? null : $"{evidence.Journal.ServerCount} app-servers were started instead of one.";

    private static async Task MeetAsync(Sandbox sandbox, int[] round, Task tasks)
    {
        var begun = sandbox.Time.GetTimestamp();
        while (!tasks.IsCompleted && sandbox.Time.GetElapsedTime(begun) < RoundLimit && MostAtOnce(sandbox.ReadJournal(), round) < AtOnce)
            await Task.Delay(LookAgain, sandbox.Time);
    }

    private static int MostAtOnce(SimulationJournal journal, int[] round)
    {
        var running = new HashSet<string?>(StringComparer.Ordinal);
        var most = 0;
        foreach (var entry in journal.Events)
        {
            if (entry.Event is JournalEvents.TurnStarted && round.Any(n => entry.Prompt?.Contains(TaskCall.MarkOf(n), StringComparison.Ordinal) == true))
                running.Add(entry.TurnId);
            else if (entry.Event is JournalEvents.TurnEnded)
                running.Remove(entry.TurnId);
            most = Math.Max(most, running.Count);
        }

        return most;
    }

    private static int RoundOf(int number) => ((number - 1) / AtOnce) + 1;

    private static string Gate(int round) => $"gate-{round}";
}
