using CodexCompanion.StateStore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>The broker process: a Generic Host around <see cref="BrokerService"/>, ended by SIGTERM or by itself.</summary>
public static class BrokerHost
{
    /// <summary>Runs a broker until it is done.</summary>
    /// <param name="options">What it was started with.</param>
    /// <param name="setup">What the pipeline must know of the program.</param>
    /// <param name="store">The state of its workspace.</param>
    /// <param name="errors">Gets one sentence when it cannot start; the starting client reads it there.</param>
    public static async Task<BrokerExit> RunAsync(BrokerOptions options, CompanionSetup setup, IStateStore store, TextWriter errors)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddCompanionParts(setup, _ => store);
        builder.Services.AddSingleton(store);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<BrokerService>();
        builder.Services.AddHostedService(services => services.GetRequiredService<BrokerService>());
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Limits.Cancel);

        using var host = builder.Build();
        // Asked for now: when the host has run, its services are gone.
        var service = host.Services.GetRequiredService<BrokerService>();
        await host.RunAsync();
        if (service.Problem is { } problem)
            await errors.WriteLineAsync(problem);
        return service.Exit;
    }
}
