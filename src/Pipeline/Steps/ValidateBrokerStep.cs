using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Pipeline.Steps;

/// <summary>Step 2: gathers the facts about the broker (lock, process identity, endpoint, handshake, age, fingerprint) and has them
/// judged by <see cref="Validation.BrokerVerdicts"/>.</summary>
public sealed class ValidateBrokerStep(BrokerProber prober, CodexInUse codex) : IPipelineStep
{
    /// <summary>Name of the step.</summary>
    public const string StepName = "ValidateBroker";

    /// <inheritdoc/>
    public string Name => StepName;

    /// <inheritdoc/>
    public StepPlacement Placement { get; } = new StepPlacement.BuiltIn();

    /// <inheritdoc/>
    public async Task<Outcome> InvokeAsync(PipelineContext context, PipelineNext next)
    {
        if (codex.Missing is { } missing)
        {
            context.StepVerdict = ("no codex", missing.Sentence);
            return CodexInUse.NotFound(missing);
        }

        if (context.Fallback is not null)
        {
            context.Skip();
            return await next(context);
        }

        context.Probe = await prober.ProbeAsync(context.Store!, context.Record, codex.Fingerprint, context.Caller);
        context.StepVerdict = (context.Probe.Verdict.Kind.ToString(), context.Probe.Verdict.Reason);
        return await next(context);
    }
}
