using CodexCompanion.Pipeline;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;

namespace CodexCompanion.Tool.Jobs;

/// <summary>Runs turns to their end, one after the other. The pipeline in the product, a script in tests. Until it is disposed, the last turn's thread may
/// still be on its way back to where others can resume it.</summary>
internal interface ITurnRun : IAsyncDisposable
{
    /// <summary>Runs a turn. Expected failures are outcomes, not exceptions.</summary>
    /// <param name="request">The turn.</param>
    /// <param name="observer">Hears what goes on.</param>
    /// <param name="stop">Stops the turn; the run still ends with an outcome, within <see cref="TimeLimits.Cancel"/>.</param>
    Task<Outcome> RunAsync(TurnRequest request, IRunObserver observer, CancellationToken stop);
}

/// <summary>What a run needs besides the turn itself.</summary>
/// <param name="Store">The workspace's state.</param>
/// <param name="Limits">Time limits, those of the command line included.</param>
/// <param name="NoBroker">Whether to use no shared broker.</param>
/// <param name="CodexPath">Configured path of codex; null to look for it.</param>
/// <param name="SessionId">Claude session that the broker is told of; null for none.</param>
/// <param name="Variables">The caller's environment.</param>
internal sealed record TurnRunSetup(
    IStateStore Store,
    TimeLimits Limits,
    bool NoBroker,
    string? CodexPath,
    string? SessionId,
    IReadOnlyDictionary<string, string> Variables)
{
    /// <summary>How requests of the app-server are answered that nobody is there to answer; null for the safe default.</summary>
    public ServerRequestRules? ServerRequests { get; init; }

    /// <summary>Completes when the job is recorded; nothing is started or sent before.</summary>
    public Task Recorded { get; init; } = Task.CompletedTask;
}
