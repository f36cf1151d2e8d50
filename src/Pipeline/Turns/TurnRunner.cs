using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.Turns;

/// <summary>Runs one turn over a session, shared or direct alike: thread, turn, end, name, release.</summary>
/// <param name="limits">The time limits.</param>
/// <param name="time">The clock.</param>
public sealed class TurnRunner(TimeLimits limits, TimeProvider time)
{
    /// <summary>Runs a turn.</summary>
    /// <param name="session">The connection to the app-server.</param>
    /// <param name="request">What to run.</param>
    /// <param name="progress">Is told how far the request got; also when this throws.</param>
    /// <param name="observer">Hears what goes on.</param>
    /// <param name="recorded">Completes when the request is on record: its turn is sent then, and not before. When it fails, so does this, and no turn was sent.</param>
    /// <param name="stop">Asks for the turn to be stopped. The outcome is then <see cref="Outcome.Cancelled"/> with what was proved.</param>
    /// <exception cref="ConnectionLostException">The connection ended, or the server is leaving or mute, before the turn's end was known.</exception>
    public async Task<Outcome> RunAsync(
        IAppServerSession session, TurnRequest request, TurnProgress progress, IRunObserver observer, Task recorded, CancellationToken stop)
    {
        var events = new RunEvents(observer);
        var turn = new TurnObserver(request.Cwd, events, time);
        using var hearing = session.Subscribe(turn.On);
        using var answering = session.SubscribeAnswers(sentence =>
        {
            turn.Touch();
            events.Note(sentence);
        });
        var run = new TurnRun(session, request, progress, events, turn, limits, time);
        try
        {
            return await run.RunAsync(recorded, stop);
        }
        finally
        {
            progress.TurnId ??= turn.TurnId;
            progress.Partial = run.Result();
        }
    }
}
