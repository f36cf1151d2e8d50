using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Tool.Selftest;
using CodexCompanion.Tool.Selftest.Rows;
using CodexCompanion.Tool.Selftest.Simulator;
using CodexCompanion.Tool.Selftest.Simulator.Journal;

namespace CodexCompanion.Tool.Tests.Selftest;

/// <summary>A row that starts no process: its tasks are made up, and so is what the journal says of them.</summary>
internal sealed class FakeRow(string name = "fake") : Row
{
    private const int Twelve = 12;

    public override string Name => name;

    public override string Description => "Nothing happens.";

    public override string? WhyNotHere => Reason;

    public override bool IsControl => LosesEverySecond;

    public override int LeastFaults => Least;

    public string? Reason { get; init; }

    public int Least { get; init; } = Twelve;

    public int Faults { get; init; } = Twelve;

    public bool LosesEverySecond { get; init; }

    public string? Says { get; init; }

    public Func<Sandbox, CancellationToken, Task<IReadOnlyList<TaskRun>>> Runs { get; init; } = (sandbox, _) => Task.FromResult(Record(sandbox, AllWell()));

    public override Task<IReadOnlyList<TaskRun>> RunAsync(Sandbox sandbox, CancellationToken cancellation) => Runs(sandbox, cancellation);

    public override int CountFaults(RowEvidence evidence) => Faults;

    public override bool MustFail(int number) => LosesEverySecond && number % 2 == 0;

    public override string? Objection(RowEvidence evidence) => Says;

    public static IReadOnlyList<TaskRun> AllWell() => [.. Enumerable.Range(1, Twelve).Select(number => Run(number))];

    /// <summary>Writes into the sandbox's journal what the runs would have left there.</summary>
    public static IReadOnlyList<TaskRun> Record(Sandbox sandbox, IReadOnlyList<TaskRun> runs)
    {
        var home = new SimulationHome(sandbox.CodexHome);
        Directory.CreateDirectory(home.DataFolder);
        var journal = new JournalWriter(home, "s", TimeProvider.System);
        foreach (var entry in runs.SelectMany(run => Turn(run.Call)))
            journal.Write(entry.Event, stamped => entry with { Time = stamped.Time });
        return runs;
    }

    public static TaskRun Run(int number, int exitCode = 0, string? output = null, bool writes = false)
    {
        var call = writes ? TaskCall.Writing(number) : TaskCall.Reading(number);
        return new TaskRun(call, new ChildExit(exitCode, Signal: null), output ?? call.Answer + "\n", "[Execute] Completed, 1 ms\n", $"/logs/{call.Mark}.log");
    }

    /// <summary>The evidence of runs that each had one completed turn, and made their edit once if they write.</summary>
    public static RowEvidence Evidence(IReadOnlyList<TaskRun> runs, params JournalEvent[] more)
    {
        var events = runs.Where(r => r.Exit?.Code == 0).SelectMany(run => Turn(run.Call)).Concat(more);
        return new RowEvidence(runs, new SimulationJournal([.. events]), runs.ToDictionary(r => r.Call.Mark, _ => 1));
    }

    public static IEnumerable<JournalEvent> Turn(TaskCall call, string status = "completed") =>
    [
        Event(JournalEvents.TurnStarted) with { ThreadId = "thread-of-" + call.Mark, Prompt = call.Prompt },
        .. call.Writes ? [Event(JournalEvents.Edit) with { Effect = call.Effect }] : Array.Empty<JournalEvent>(),
        Event(JournalEvents.TurnEnded) with { ThreadId = "thread-of-" + call.Mark, Status = status },
    ];

    private static JournalEvent Event(string name) => new() { Event = name, Time = DateTimeOffset.UnixEpoch, Pid = 1, Server = "s" };
}
