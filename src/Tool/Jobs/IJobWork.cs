using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Tool.Jobs;

/// <summary>
/// The work of one job: a turn, and what its kind makes of the outcome. It is made from a command line, or made again from the job's record
/// in another process; both must give the same.
/// </summary>
internal interface IJobWork
{
    /// <summary>The turn; its ids are what recovery looks for.</summary>
    TurnRequest Turn { get; }

    /// <summary>What the run needs besides.</summary>
    TurnRunSetup Setup { get; }

    /// <summary>Whether it waits until nobody else writes in the same tree.</summary>
    bool Exclusive { get; }

    /// <summary>Runs the turn. Expected failures are outcomes, not exceptions.</summary>
    /// <param name="run">Runs it.</param>
    /// <param name="observer">Hears what goes on.</param>
    /// <param name="stop">Stops the turn; the run still ends with an outcome.</param>
    Task<Outcome> RunAsync(ITurnRun run, IRunObserver observer, CancellationToken stop);

    /// <summary>Makes of an outcome what is recorded and printed. Also used for an outcome that was found later, by recovery.</summary>
    JobEnd Conclude(Outcome outcome, RunFacts facts);
}
