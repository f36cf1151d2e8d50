using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;

namespace CodexCompanion.Pipeline.Steps;

/// <summary>Step 1: the workspace, its state directory, and what <c>broker.json</c> says.</summary>
public sealed class ResolveStateStep(OpenStateStore open) : IPipelineStep
{
    /// <summary>Name of the step.</summary>
    public const string StepName = "ResolveState";

    /// <inheritdoc/>
    public string Name => StepName;

    /// <inheritdoc/>
    public StepPlacement Placement { get; } = new StepPlacement.BuiltIn();

    /// <inheritdoc/>
    public Task<Outcome> InvokeAsync(PipelineContext context, PipelineNext next)
    {
        try
        {
            context.Store = open(context.Request.Cwd);
            context.Store.EnsureCreated();
        }
        catch (StateStoreException e)
        {
            return Task.FromResult<Outcome>(new Outcome.Failed(
                FailureKind.Internal, e.Message, $"Set {StateRoot.Variable} to a folder of your own that can be written."));
        }

        if (context.Options.NoBroker)
        {
            context.GoDirect(new Fallback(FallbackReason.BrokerDisabled));
            return next(context);
        }

        context.Record = context.Store.ReadBroker();
        context.StepVerdict = (context.Record.Kind.ToString(), context.Record.Detail);
        return next(context);
    }
}
