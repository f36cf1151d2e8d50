using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Pipeline;

/// <summary>The rest of the pipeline behind a step.</summary>
public delegate Task<Outcome> PipelineNext(PipelineContext context);

/// <summary>
/// One step of the pipeline, middleware style: it does its part and calls <c>next</c>, or answers an outcome itself. Steps are found in
/// the container; a step of somebody else's says where it goes by <see cref="Placement"/>.
/// </summary>
public interface IPipelineStep
{
    /// <summary>Unique name, as the trail shows it.</summary>
    string Name { get; }

    /// <summary>Where it goes.</summary>
    StepPlacement Placement { get; }

    /// <summary>Does the step's part.</summary>
    Task<Outcome> InvokeAsync(PipelineContext context, PipelineNext next);
}

/// <summary>Where a step goes in the pipeline: closed, one of three.</summary>
public abstract record StepPlacement
{
    private StepPlacement()
    {
    }

    /// <summary>One of the five built-in steps, whose order stands in <see cref="CompanionPipeline.BuiltInOrder"/>.</summary>
    public sealed record BuiltIn : StepPlacement;

    /// <summary>Directly before a named step.</summary>
    public sealed record Before(string Step) : StepPlacement;

    /// <summary>Directly after a named step.</summary>
    public sealed record After(string Step) : StepPlacement;
}
