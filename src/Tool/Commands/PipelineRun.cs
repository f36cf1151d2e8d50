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

    private ServiceProvider? _container;
    private PipelineContext? _context;

    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(TurnRequest request, IRunObserver observer, CancellationToken stop)
    {
        await DisposeAsync(); // A second turn resumes the thread that the first one is letting go.
        var services = new ServiceCollection();
        services.AddSingleton(host.Time);
        services.AddSingleton(host.Processes());
        services.AddCompanionPipeline(
            Wiring.PipelineSetup(host, setup.Store.Paths.Root, setup.Limits, setup.CodexPath, setup.ServerRequests), _ => setup.Store);
        _container = services.BuildServiceProvider();
        var options = new RunOptions
        {
            NoBroker = setup.NoBroker,
            SessionId = setup.SessionId,
            Recorded = setup.Recorded,
            Recover = host.Variable(NoRecoveryVariable) is null,
        };
        _context = new PipelineContext(request, options, observer, stop);
        return await _container.GetRequiredService<CompanionPipeline>().RunAsync(_context);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_context is not null)
            await _context.DisposeAsync();
        if (_container is not null)
            await _container.DisposeAsync();
        (_context, _container) = (null, null);
    }
}
