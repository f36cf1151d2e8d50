using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Validation;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>One look at a workspace's broker: facts, verdict, and the open connection when it answered.</summary>
public sealed record BrokerProbe(BrokerFacts Facts, Verdict Verdict, BrokerRecord? Record, BrokerConnection? Connection) : IAsyncDisposable
{
    /// <summary>Hangs up, where there is a connection.</summary>
    public ValueTask DisposeAsync() => Connection?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>Gathers the facts about a workspace's broker and has them judged.</summary>
public sealed class BrokerProber(IProcessTable processes, TimeLimits limits, IServerRequestPolicy policy, TimeProvider time)
{
    /// <summary>Looks.</summary>
    /// <param name="store">The workspace's state.</param>
    /// <param name="read">The record, when it was read just now; null to read it here.</param>
    /// <param name="fingerprint">What the broker's app-server must have been started for.</param>
    /// <param name="caller">Who looks.</param>
    public async Task<BrokerProbe> ProbeAsync(IStateStore store, StateRead<BrokerRecord>? read, string fingerprint, BrokerCaller caller)
    {
        read ??= store.ReadBroker();
        var wanted = new BrokerWanted(BrokerProtocol.Version, fingerprint, limits.BrokerAge, limits.BrokerStart, limits.FingerprintConflict);
        var record = read.Value;
        if (record is not null)
        {
            // The common case first: a broker that answers needs no further evidence.
            var reach = await BrokerConnection.OpenAsync(record.Endpoint, caller, limits, policy);
            if (reach is BrokerReach.Answered { Connection: var connection } && connection.Hello.InstanceId == record.InstanceId)
            {
                var answered = new BrokerFacts
                {
                    Record = read.Kind,
                    Lock = LockState.Held,
                    Process = ProcessPresence.Same,
                    Endpoint = EndpointState.Answers,
                    Report = Report(connection.Hello),
                    RecordAge = time.GetUtcNow() - record.StartedAt,
                };
                return new BrokerProbe(answered, BrokerVerdicts.Judge(answered, wanted), record, connection);
            }

            if (reach is BrokerReach.Answered { Connection: var stranger })
                await stranger.DisposeAsync();
            return Judge(store, read, wanted, reach);
        }

        return Judge(store, read, wanted, reach: null);
    }

    private BrokerProbe Judge(IStateStore store, StateRead<BrokerRecord> read, BrokerWanted wanted, BrokerReach? reach)
    {
        var record = read.Value;
        var facts = new BrokerFacts
        {
            Record = read.Kind,
            Lock = store.Lock(StateLock.Broker).Probe().State,
            Process = record is null ? ProcessPresence.Unknown : processes.Look(record.Process),
            Endpoint = Endpoint(reach),
            RecordAge = record is null ? null : time.GetUtcNow() - record.StartedAt,
        };
        return new BrokerProbe(facts, BrokerVerdicts.Judge(facts, wanted), record, Connection: null);
    }

    private static EndpointState Endpoint(BrokerReach? reach) => reach switch
    {
        null => EndpointState.NotProbed,
        BrokerReach.Failed { Why.Kind: LossKind.Refused or LossKind.EndpointMissing } => EndpointState.Silent,
        BrokerReach.Failed { Why.Kind: LossKind.Busy } => EndpointState.Busy,
        _ => EndpointState.Mute,
    };

    private static BrokerSelfReport Report(HelloResult hello) =>
        new(hello.Draining, hello.Protocol, hello.Fingerprint, TimeSpan.FromMilliseconds(hello.AgeMs), hello.ActiveTurns);
}
