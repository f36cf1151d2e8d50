using CodexCompanion.Pipeline.Recovery;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Pipeline.Steps;

/// <summary>Step 4: runs the request over the broker. When the connection is lost it calls the next step, with how far the request got.</summary>
public sealed class ExecuteStep(TurnRunner runner) : IPipelineStep
{
    /// <summary>Name of the step.</summary>
    public const string StepName = "Execute";

    /// <inheritdoc/>
    public string Name => StepName;

    /// <inheritdoc/>
    public StepPlacement Placement { get; } = new StepPlacement.BuiltIn();

    /// <inheritdoc/>
    public async Task<Outcome> InvokeAsync(PipelineContext context, PipelineNext next)
    {
        if (context.Session is not { } session)
        {
            context.Skip();
            return await next(context);
        }

        try
        {
            var outcome = await runner.RunAsync(session, context.Request, context.Progress, context.Observer, context.Options.Recorded, context.Stop);
            context.StepVerdict = (outcome.GetType().Name, (outcome as Outcome.Failed)?.Message);
            return outcome;
        }
        catch (ConnectionLostException e)
        {
            context.LostTurn = context.Progress.TurnSent ? LostTurn.InBroker(session, context.Progress) : null;
            context.GoDirect(new Fallback(
                context.LostTurn is null ? FallbackReason.LostBeforeAcceptance : FallbackReason.LostAfterAcceptance, e.Loss.Message));
            context.StepVerdict = ("lost", context.Fallback!.Sentence);
            return await next(context);
        }
    }
}
