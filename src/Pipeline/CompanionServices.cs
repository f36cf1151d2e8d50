using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Recovery;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CodexCompanion.Pipeline;

/// <summary>Registers the pipeline in a container.</summary>
public static class CompanionServices
{
    /// <summary>
    /// Registers everything a run needs. Steps are found by scanning this assembly; a step of somebody else's is added by registering it
    /// as an <see cref="IPipelineStep"/> before this call, and gets its line in the trail like the built-in ones.
    /// </summary>
    /// <param name="services">The container's services.</param>
    /// <param name="setup">What the pipeline must know of the program.</param>
    /// <param name="open">Opens the state of a workspace.</param>
    public static IServiceCollection AddCompanionPipeline(this IServiceCollection services, CompanionSetup setup, OpenStateStore open)
    {
        services.AddCompanionParts(setup, open);
        services.Scan(scan => scan
            .FromAssemblyOf<CompanionPipeline>()
            .AddClasses(classes => classes.AssignableTo<IPipelineStep>().Where(type => type != typeof(TrailDecorator)))
            .As<IPipelineStep>()
            .WithSingletonLifetime());
        services.Decorate<IPipelineStep, TrailDecorator>();
        services.AddSingleton<CompanionPipeline>();
        return services;
    }

    /// <summary>Registers the parts without the steps: what commands need that ask a broker something and run no turn.</summary>
    public static IServiceCollection AddCompanionParts(this IServiceCollection services, CompanionSetup setup, OpenStateStore open)
    {
        services.AddSingleton(setup);
        services.AddSingleton(setup.Limits);
        services.AddSingleton(open);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IProcessTable, ProcessTable>();
        services.TryAddSingleton<IServerRequestPolicy, ServerRequestPolicy>();
        services.TryAddSingleton<ITurnProcesses, TurnProcesses>();
        services.AddSingleton<ProcessTree>();
        services.AddSingleton<ProcessEnder>();
        services.AddSingleton(services => new CodexHomeLock(
            Path.Combine(setup.StateRoot, "locks"),
            NativeDisk.Instance,
            services.GetRequiredService<IProcessTable>(),
            services.GetRequiredService<TimeProvider>()));
        services.AddSingleton<CodexInUse>();
        services.AddSingleton<AppServerLauncher>();
        services.AddSingleton<DirectServer>();
        services.AddSingleton<TurnRunner>();
        services.AddSingleton<LostTurnProof>();
        services.AddSingleton<TurnRecovery>();
        services.AddSingleton<TurnFinder>();
        services.AddSingleton<BrokerProber>();
        services.AddSingleton<BrokerRemains>();
        services.AddSingleton<BrokerLauncher>();
        return services;
    }
}
