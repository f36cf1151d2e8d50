using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Pipeline;

/// <summary>Put around every step by the container: times it and leaves its line in the trail, without the time of the steps behind it.</summary>
public sealed class TrailDecorator(IPipelineStep inner, TimeProvider time) : IPipelineStep
{
    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <inheritdoc/>
    public StepPlacement Placement => inner.Placement;

    /// <inheritdoc/>
    public async Task<Outcome> InvokeAsync(PipelineContext context, PipelineNext next)
    {
        var begun = time.GetTimestamp();
        var calledNext = false;
        context.StepVerdict = ("done", null);

        var outcome = await inner.InvokeAsync(context, async passedOn =>
        {
            // The line of this step comes before those behind it, so it is written when the step hands over.
            calledNext = true;
            Leave(context, time.GetElapsedTime(begun));
            return await next(passedOn);
        });

        if (!calledNext)
            Leave(context, time.GetElapsedTime(begun));
        return outcome;
    }

    private void Leave(PipelineContext context, TimeSpan own) =>
        context.Observer.On(new RunEvent.Trail(new TrailEntry(inner.Name, own, context.StepVerdict.Verdict, context.StepVerdict.Reason)));
}
