using System.Diagnostics.CodeAnalysis;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Recovery;
using CodexCompanion.Pipeline.Steps;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CodexCompanion.Pipeline;

/// <summary>Registers the pipeline in a container.</summary>
public static class CompanionServices
{
    /// <summary>The classes of the built-in steps.</summary>
    internal static IReadOnlyList<Type> BuiltInSteps { get; } =
        [typeof(ResolveStateStep), typeof(ValidateBrokerStep), typeof(ConnectStep), typeof(ExecuteStep), typeof(FallbackDirectStep)];

    /// <summary>
    /// Registers everything a run needs. A step of somebody else's is added by registering it as an <see cref="IPipelineStep"/> before this
    /// call, and gets its line in the trail like the built-in ones.
    /// </summary>
    /// <param name="services">The container's services.</param>
    /// <param name="setup">What the pipeline must know of the program.</param>
    /// <param name="open">Opens the state of a workspace.</param>
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(ResolveStateStep))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(ValidateBrokerStep))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(ConnectStep))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(ExecuteStep))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(FallbackDirectStep))]
    public static IServiceCollection AddCompanionPipeline(this IServiceCollection services, CompanionSetup setup, OpenStateStore open)
    {
        services.AddCompanionParts(setup, open);

        // Named, not searched for: to find five classes by scanning the assembly, the runtime loads its three hundred types, and a
        // decorator given as a type is compiled from an expression at every start. Together they cost more than all else a task does.
        services.Scan(scan => scan.FromTypes(BuiltInSteps).AddClasses().As<IPipelineStep>().WithSingletonLifetime());
        services.Decorate<IPipelineStep>((step, provider) => new TrailDecorator(step, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<CompanionPipeline>();
        return services;
    }

    /// <summary>Registers the parts without the steps: what commands need that ask a broker something and run no turn.</summary>
    public static IServiceCollection AddCompanionParts(this IServiceCollection services, CompanionSetup setup, OpenStateStore open)
    {
        services.AddSingleton(setup);
        services.AddSingleton(setup.Limits);
        services.AddSingleton(setup.ServerRequests);
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
