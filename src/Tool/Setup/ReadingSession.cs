using CodexCompanion.Pipeline;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CodexCompanion.Tool.Setup;

/// <summary>
/// An app-server to ask something that is no turn: that of the workspace's broker where one answers and is meant for us, else one of our own
/// for a moment. Starts no broker. A broker that is mute, stale or of another account costs its time limit and nothing else.
/// </summary>
internal sealed class ReadingSession : IAsyncDisposable
{
    // Names what a look starts, where a turn's server carries its job.
    private const string InstancePrefix = "look-";

    private readonly ServiceProvider _parts;

    private ReadingSession(ServiceProvider parts, IAppServerSession session, string? broker)
    {
        _parts = parts;
        Session = session;
        BrokerEndpoint = broker;
    }

    /// <summary>The session.</summary>
    public IAppServerSession Session { get; }

    /// <summary>Where the broker listens; null for a server of our own.</summary>
    public string? BrokerEndpoint { get; }

    /// <summary>Opens one.</summary>
    /// <param name="host">What comes from outside.</param>
    /// <param name="store">The workspace's state.</param>
    /// <param name="settings">Path of codex and limits.</param>
    /// <param name="cwd">Where a server of our own works.</param>
    /// <param name="shared">Whether the broker's may be used.</param>
    /// <returns>The session, or why there is none: as a failure of a turn would be told.</returns>
    public static async Task<(ReadingSession? Session, Outcome.Failed? Failure)> OpenAsync(
        ToolHost host, IStateStore store, Settings settings, string cwd, bool shared = true)
    {
        var services = new ServiceCollection();
        services.AddSingleton(host.Time);
        services.AddSingleton(host.Processes());
        var setup = Wiring.PipelineSetup(host, store.Paths.Root, settings.Limits, settings.CodexPath.Value);
        services.AddCompanionParts(setup, _ => store);
        var parts = services.BuildServiceProvider();
        var codex = parts.GetRequiredService<CodexInUse>();
        if (codex.Missing is { } missing)
        {
            await parts.DisposeAsync();
            return (null, new Outcome.Failed(FailureKind.CodexMissing, missing.Sentence, missing.Hint));
        }

        if (shared && !settings.NoBroker.Value && await ReachBrokerAsync(parts, store, codex, settings.Limits) is { } connection)
            return (new ReadingSession(parts, new BrokerSession(connection, settings.Limits), connection.Endpoint), null);
        return await StartAsync(parts, setup, codex, settings.Limits, cwd);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Session.DisposeAsync();
        await _parts.DisposeAsync();
    }

    // Another codex, account or configuration than ours would answer for somebody else.
    private static async Task<BrokerConnection?> ReachBrokerAsync(ServiceProvider parts, IStateStore store, CodexInUse codex, TimeLimits limits)
    {
        if (store.ReadBroker().Value is not { } record || record.Fingerprint != codex.Fingerprint)
            return null;
        var reach = await BrokerConnection.OpenAsync(record.Endpoint, BrokerCaller.Visitor, limits, parts.GetRequiredService<IServerRequestPolicy>());
        return (reach as BrokerReach.Answered)?.Connection;
    }

    private static async Task<(ReadingSession? Session, Outcome.Failed? Failure)> StartAsync(
        ServiceProvider parts, CompanionSetup setup, CodexInUse codex, TimeLimits limits, string cwd)
    {
        var receiver = new DirectReceiver(parts.GetRequiredService<IServerRequestPolicy>());
        var start = await parts.GetRequiredService<AppServerLauncher>().StartAsync(
            codex.Binary, setup.Environment, InstancePrefix + Guid.NewGuid().ToString("N"), cwd, limits, receiver, CancellationToken.None);
        if (start is AppServerStart.Started started)
        {
            var session = new DirectSession(started.Server, receiver, parts.GetRequiredService<ITurnProcesses>(), limits, parts.GetRequiredService<TimeProvider>());
            return (new ReadingSession(parts, session, broker: null), null);
        }

        await parts.DisposeAsync();
        var failed = (AppServerStart.Failed)start;
        return (null, new Outcome.Failed(failed.Kind, failed.Message, failed.Hint));
    }
}
