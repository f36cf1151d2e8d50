using CodexCompanion.Pipeline.Steps;
using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Pipeline;

/// <summary>
/// Start reading here. One request goes through five steps, each of which answers or calls the next:
/// <list type="number">
/// <item><see cref="ResolveStateStep"/>: which workspace, where its state lies, what <c>broker.json</c> says;</item>
/// <item><see cref="ValidateBrokerStep"/>: gathers facts about the broker and judges them;</item>
/// <item><see cref="ConnectStep"/>: uses the broker, waits for it or starts one, else names a reason;</item>
/// <item><see cref="ExecuteStep"/>: runs the request over the broker;</item>
/// <item><see cref="FallbackDirectStep"/>: runs it, or recovers it, on an app-server of its own.</item>
/// </list>
/// </summary>
public sealed class CompanionPipeline
{
    private readonly PipelineNext _run;

    /// <summary>Links the steps.</summary>
    /// <exception cref="InvalidOperationException">The steps cannot be put in order; the message says why.</exception>
    public CompanionPipeline(IEnumerable<IPipelineStep> steps)
    {
        Steps = StepOrder.Arrange(steps, BuiltInOrder);
        _run = Steps.Reverse().Aggregate<IPipelineStep, PipelineNext>(NobodyLeft, (next, step) => context => step.InvokeAsync(context, next));
    }

    /// <summary>The five built-in steps, in their order.</summary>
    public static IReadOnlyList<string> BuiltInOrder { get; } =
        [ResolveStateStep.StepName, ValidateBrokerStep.StepName, ConnectStep.StepName, ExecuteStep.StepName, FallbackDirectStep.StepName];

    /// <summary>All steps, in the order they run.</summary>
    public IReadOnlyList<IPipelineStep> Steps { get; }

    /// <summary>Runs a request to its end; asked to stop, it ends as <see cref="Outcome.Cancelled"/>.</summary>
    /// <param name="context">The request. The caller disposes it: its thread is let go meanwhile, and free for others once that is done.</param>
    public Task<Outcome> RunAsync(PipelineContext context) => _run(context);

    private static Task<Outcome> NobodyLeft(PipelineContext context) =>
        Task.FromResult<Outcome>(new Outcome.Failed(FailureKind.Internal, "No step of the pipeline answered the request."));
}
