using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Recovery;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Pipeline.Steps;

/// <summary>
/// Step 5: runs the request on an app-server of its own, for the reason the earlier steps named. A request that was never accepted is
/// simply sent; one whose turn was lost goes through the rules of recovery first.
/// </summary>
public sealed class FallbackDirectStep(DirectServer direct, TurnRunner runner, TurnRecovery recovery) : IPipelineStep
{
    /// <summary>Name of the step.</summary>
    public const string StepName = "FallbackDirect";

    // An own app-server that dies before it accepted anything is tried once more: a second death is no accident.
    private const int Attempts = 2;

    /// <inheritdoc/>
    public string Name => StepName;

    /// <inheritdoc/>
    public StepPlacement Placement { get; } = new StepPlacement.BuiltIn();

    /// <inheritdoc/>
    public async Task<Outcome> InvokeAsync(PipelineContext context, PipelineNext next)
    {
        var fallback = context.Fallback ?? new Fallback(FallbackReason.BrokerUnknown);
        context.StepVerdict = ("direct", fallback.Sentence);
        var wasLost = fallback.Reason is FallbackReason.LostBeforeAcceptance or FallbackReason.LostAfterAcceptance;
        if (wasLost && !context.Options.Recover)
            return TurnRecovery.Lost(context, fallback.Sentence);
        if (fallback.Reason == FallbackReason.LostAfterAcceptance)
            return await recovery.RecoverAsync(context, context.LostTurn);

        await context.Options.Recorded;
        for (var attempt = 1; ; attempt++)
        {
            var start = await direct.StartAsync(context);
            if (start is DirectStart.Failed failed)
                return failed.Outcome;

            await using var session = ((DirectStart.Started)start).Session;
            try
            {
                return await runner.RunAsync(session, context.Request, context.Progress, context.Observer, context.Options.Recorded, context.Stop);
            }
            catch (ConnectionLostException e) when (!context.Options.Recover)
            {
                return TurnRecovery.Lost(context, e.Loss.Message);
            }
            catch (ConnectionLostException e) when (context.Progress.TurnSent)
            {
                context.StepVerdict = ("lost", e.Loss.Message);
                var lost = LostTurn.InOwnServer(session, context.Progress);
                await session.DisposeAsync(); // It is nobody else's: one that only closed its output, or fell silent, would go on with the turn unseen.
                return await recovery.RecoverAsync(context, lost);
            }
            catch (ConnectionLostException) when (attempt < Attempts)
            {
                context.StartOver();
            }
            catch (ConnectionLostException e)
            {
                return TurnRecovery.Lost(context, e.Loss.Message);
            }
        }
    }
}
