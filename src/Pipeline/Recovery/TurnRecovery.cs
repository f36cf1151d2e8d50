using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Pipeline.Recovery;

/// <summary>
/// Brings a request to its end after its turn was lost: first the proof that the old turn is over, then what the thread's own record
/// says of it, then what <see cref="RecoveryPlan"/> decides. Once per request.
/// </summary>
public sealed class TurnRecovery(LostTurnProof proof, DirectServer direct, TurnRunner runner, TimeLimits limits)
{
    /// <summary>Recovers, or fails with the cause and the thread to resume.</summary>
    /// <param name="context">The request.</param>
    /// <param name="lost">The turn; null when not even its thread is known.</param>
    public async Task<Outcome> RecoverAsync(PipelineContext context, LostTurn? lost)
    {
        if (lost is null || context.RecoveryUsed)
            return Lost(context, "The connection was lost while the turn was running.");
        context.RecoveryUsed = true;
        context.Observer.On(new RunEvent.Progress("recovering", "The connection was lost in mid-turn; making sure that the turn is over."));
        if (await proof.TryProveOverAsync(lost, context.Request.JobId) is { } obstacle)
            return Lost(context, $"The connection was lost while the turn was running, and it could not be made sure that the turn is over. {obstacle}");

        var start = await direct.StartAsync(context);
        if (start is DirectStart.Failed { Outcome: var unable })
        {
            // Not as if nothing had been sent: whoever starts afresh elsewhere would do the work twice.
            return unable is Outcome.Failed failed
                ? Lost(context, $"The connection was lost while the turn was running, and no app-server could be started to recover it. {failed.Message}") with { Hint = failed.Hint }
                : unable;
        }

        await using var session = ((DirectStart.Started)start).Session;
        try
        {
            return await ActAsync(context, lost, session);
        }
        catch (ConnectionLostException e)
        {
            return Lost(context, $"The connection was lost twice. {e.Loss.Message}");
        }
    }

    /// <summary>The failure of a request whose connection is lost for good.</summary>
    public static Outcome.Failed Lost(PipelineContext context, string message) =>
        new(FailureKind.ConnectionLost, message)
        {
            Result = (context.Progress.Partial ?? new TurnResult()) with
            {
                ThreadId = context.Progress.ThreadId,
                TurnId = context.Progress.TurnId,
            },
        };

    private async Task<Outcome> ActAsync(PipelineContext context, LostTurn lost, IAppServerSession session)
    {
        var request = context.Request;
        var thread = request.Ephemeral
            ? new ThreadLookup.NotThere("An ephemeral thread leaves nothing to read.")
            : await ThreadReader.ReadAsync(session, lost.ThreadId, request.Cwd, limits.Call);
        var fate = thread switch
        {
            ThreadLookup.Found found when request.Review is not null => found.Thread.FindReview(),
            ThreadLookup.Found found => found.Thread.FindTurn(request.ClientMessageId),
            ThreadLookup.NotThere => new TurnFate.NotThere(),
            _ => new TurnFate.Unknown(),
        };
        switch (RecoveryPlan.Decide(fate, request.MayWrite, request.Ephemeral))
        {
            case RecoveryAction.TakeResult:
                Note(context, "The connection was lost when the turn had just completed; its result was taken from Codex's own record.");
                return new Outcome.Completed(((TurnFate.Completed)fate).Result);

            case RecoveryAction.ReportFailure:
                return ((TurnFate.Failed)fate).Failure;

            case RecoveryAction.Send:
                Note(context, "The connection was lost before the turn began; it was sent again.");
                return await RunAsync(context, session, request with { ThreadId = thread is ThreadLookup.Found ? lost.ThreadId : request.ThreadId });

            case RecoveryAction.RunAgain:
                Note(context, "The connection was lost in mid-turn; as the turn changes nothing, it was run again.");
                return await RunAsync(context, session, request with { ThreadId = lost.ThreadId });

            case RecoveryAction.Continue:
                Note(context, "The connection was lost in mid-turn; Codex was asked to check what is done and to go on from there.");
                return await RunAsync(context, session, request with { ThreadId = lost.ThreadId, Prompt = ContinuationPrompt.Text });

            default:
                return Lost(context, "The connection was lost while the turn was running, and its thread does not tell what became of it.");
        }
    }

    private Task<Outcome> RunAsync(PipelineContext context, IAppServerSession session, TurnRequest request)
    {
        context.StartOver();
        return runner.RunAsync(
            session, request with { ClientMessageId = Guid.NewGuid().ToString() }, context.Progress, context.Observer, context.Options.Recorded, context.Stop);
    }

    private static void Note(PipelineContext context, string sentence) => context.Observer.On(new RunEvent.Note(sentence));
}
