using CodexCompanion.Pipeline;
using CodexCompanion.Pipeline.Recovery;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Commands;
using Microsoft.Extensions.DependencyInjection;

namespace CodexCompanion.Tool.Jobs;

/// <summary>Asks Codex's own record of a thread what became of a job's turn. Starts an app-server of its own, which only reads.</summary>
internal static class LostTurnLook
{
    // What a person waits for a result without wondering; a codex starts and reads a thread in a quarter of a second.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Asks.</summary>
    /// <param name="host">What comes from outside.</param>
    /// <param name="store">The workspace's state.</param>
    /// <param name="job">The job; it has a thread.</param>
    /// <param name="request">What was asked for, as far as is known.</param>
    /// <param name="limits">The time limits.</param>
    /// <param name="codexPath">Path of codex from the configuration; null to look for it.</param>
    public static async Task<TurnFinding> AskAsync(
        ToolHost host, IStateStore store, JobRecord job, TurnRequest request, TimeLimits limits, string? codexPath)
    {
        var services = new ServiceCollection();
        services.AddSingleton(host.Time);
        services.AddSingleton(host.Processes());
        services.AddCompanionParts(Wiring.PipelineSetup(host, store.Paths.Root, limits, codexPath), _ => store);
        await using var container = services.BuildServiceProvider();
        var lost = new LostTurn(job.ThreadId!, job.TurnId, job.AppServer, job.BrokerEndpoint ?? store.ReadBroker().Value?.Endpoint);
        return await container.GetRequiredService<TurnFinder>().FindAsync(lost, request, new SilentObserver(), Limit);
    }
}
