using CodexCompanion.Pipeline;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Configuration;

namespace CodexCompanion.Tool.Commands;

/// <summary>The workspace's broker as `broker status` and `broker stop` find it: connected to, or why not.</summary>
/// <param name="Store">The workspace's state.</param>
/// <param name="Limits">Time limits.</param>
/// <param name="Connection">The connection; null when there is none.</param>
/// <param name="WhyNot">Why there is none, in a sentence; null when there simply is no broker.</param>
internal sealed record BrokerReaching(IStateStore Store, TimeLimits Limits, BrokerConnection? Connection, string? WhyNot)
{
    /// <summary>Whether tasks leave what is there alone and go direct: a record of somebody else or of a newer tool, or a broker that holds its lock
    /// and does not answer.</summary>
    public bool IsLeftAlone { get; private init; }

    /// <summary>Reaches for it. Never starts one, never changes anything.</summary>
    public static async Task<Attempt<BrokerReaching>> ReachAsync(CommandCall call, ToolHost host)
    {
        var directory = WorkingDirectory.Of(call, host);
        if (directory.Value is not { } cwd)
            return directory.Error!;
        var workspace = Workspace.Resolve(cwd);
        var loaded = SettingsLoader.Load(workspace.Root, host.Variables);
        if (loaded.Value is not { } settings)
            return loaded.Error!;
        if (StateRoot.Resolve(host.Variable) is not StateRoot.At root)
            return CommandError.NoStateRoot((StateRoot.Refused)StateRoot.Resolve(host.Variable));

        var store = host.OpenStore(host, workspace, root.Path);
        var read = store.ReadBroker();
        if (read.Value is not { } record)
        {
            return new BrokerReaching(store, settings.Limits, Connection: null, read.Kind == StateReadKind.Missing ? null : read.Detail)
            {
                IsLeftAlone = read.Kind is StateReadKind.Unreadable or StateReadKind.TooNew || IsHeld(store),
            };
        }

        var reach = await BrokerConnection.OpenAsync(record.Endpoint, BrokerCaller.Visitor, settings.Limits, new ServerRequestPolicy(host.Time));
        return reach is BrokerReach.Answered answered
            ? new BrokerReaching(store, settings.Limits, answered.Connection, WhyNot: null)
            : new BrokerReaching(store, settings.Limits, Connection: null, ((BrokerReach.Failed)reach).Why.Message) { IsLeftAlone = IsHeld(store) };
    }

    private static bool IsHeld(IStateStore store) => store.Lock(StateLock.Broker).Probe().State != LockState.Free;
}
