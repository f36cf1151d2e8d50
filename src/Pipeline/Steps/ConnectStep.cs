using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.Pipeline.Validation;

namespace CodexCompanion.Pipeline.Steps;

/// <summary>Step 3: uses the broker, waits for it, or starts one under the start lock; else names the reason for going direct.</summary>
public sealed class ConnectStep(BrokerLauncher launcher, CodexInUse codex, CompanionSetup setup) : IPipelineStep
{
    /// <summary>Name of the step.</summary>
    public const string StepName = "Connect";

    /// <inheritdoc/>
    public string Name => StepName;

    /// <inheritdoc/>
    public StepPlacement Placement { get; } = new StepPlacement.BuiltIn();

    /// <inheritdoc/>
    public async Task<Outcome> InvokeAsync(PipelineContext context, PipelineNext next)
    {
        // Whatever starts a program waits until there is something to be found again; a broker that answers may be asked for a thread meanwhile.
        if (context.Probe?.Verdict.Kind != VerdictKind.Usable)
            await context.Options.Recorded;
        if (context.Fallback is not null)
        {
            context.Skip();
            return await next(context);
        }

        var demand = new BrokerDemand(codex.Binary, codex.Fingerprint, context.Caller);
        BrokerLaunch launch;
        try
        {
            launch = await launcher.GetAsync(context.Store!, context.Probe!, demand, context.Stop);
        }
        catch (OperationCanceledException)
        {
            return new Outcome.Cancelled(StopProof.NothingRan);
        }

        if (launch is not BrokerLaunch.Ready ready)
        {
            context.GoDirect(((BrokerLaunch.None)launch).Why);
            return await next(context);
        }

        if (ready.StartedHere)
            codex.NoteWorked();
        var broker = ready.Connection.Hello;
        context.StepVerdict = (ready.StartedHere ? "started" : "connected", $"Broker {broker.InstanceId}, pid {broker.Process.Pid}.");
        context.Session = new BrokerSession(ready.Connection, setup.Limits);
        return await next(context);
    }
}
