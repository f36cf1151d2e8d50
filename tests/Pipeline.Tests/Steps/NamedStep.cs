using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Pipeline.Tests.Steps;

/// <summary>A step with a name and a place, that calls the next one or does what it is told.</summary>
internal sealed class NamedStep(string name, StepPlacement placement, Func<PipelineContext, PipelineNext, Task<Outcome>>? does = null) : IPipelineStep
{
    public string Name => name;

    public StepPlacement Placement => placement;

    public static NamedStep BuiltIn(string name) => new(name, new StepPlacement.BuiltIn());

    public static NamedStep Before(string name, string anchor) => new(name, new StepPlacement.Before(anchor));

    public static NamedStep After(string name, string anchor) => new(name, new StepPlacement.After(anchor));

    public Task<Outcome> InvokeAsync(PipelineContext context, PipelineNext next) => does is null ? next(context) : does(context, next);
}
