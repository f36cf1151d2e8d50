using CodexCompanion.Pipeline;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.Tool.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace CodexCompanion.Tool.Commands;

/// <summary>Runs a turn through the five-step pipeline. The container is built here and nowhere on the path of shorter commands.</summary>
internal sealed class PipelineRun(ToolHost host, TurnRunSetup setup) : ITurnRun
{
    // Switches off what this tool is for, so that the control row of selftest can show that its faults bite.
    private const string NoRecoveryVariable = "CODEX_COMPANION_NO_RECOVERY";

    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(TurnRequest request, IRunObserver observer, CancellationToken stop)
    {
        var services = new ServiceCollection();
        services.AddSingleton(host.Time);
        services.AddSingleton(host.Processes());
        services.AddCompanionPipeline(
            Wiring.PipelineSetup(host, setup.Store.Paths.Root, setup.Limits, setup.CodexPath, setup.ServerRequests), _ => setup.Store);
        await using var container = services.BuildServiceProvider();
        var options = new RunOptions
        {
            NoBroker = setup.NoBroker,
            SessionId = setup.SessionId,
            Recover = host.Variable(NoRecoveryVariable) is null,
        };
        return await container.GetRequiredService<CompanionPipeline>().RunAsync(request, options, observer, stop);
    }
}
