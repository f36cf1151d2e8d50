using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Validation;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>For whom a broker is wanted.</summary>
/// <param name="Codex">The codex it must run.</param>
/// <param name="Fingerprint">What its app-server must have been started for.</param>
/// <param name="Caller">Who wants it.</param>
public sealed record BrokerDemand(CodexBinary Codex, string Fingerprint, BrokerCaller Caller);

/// <summary>What came of it: closed, one of two.</summary>
public abstract record BrokerLaunch
{
    private BrokerLaunch()
    {
    }

    /// <summary>A usable broker, connected.</summary>
    public sealed record Ready(BrokerConnection Connection, bool StartedHere) : BrokerLaunch;

    /// <summary>None, for this reason.</summary>
    public sealed record None(Fallback Why) : BrokerLaunch;
}

/// <summary>
/// Gets a workspace its broker: waits for one that is starting, replaces one that should go, starts one where there is none. Whoever
/// starts holds the start lock and looks again after getting it, so that twenty at once end with one broker.
/// </summary>
public sealed class BrokerLauncher(
    CompanionSetup setup, BrokerProber prober, BrokerRemains remains, ProcessEnder ender, IProcessTable processes, TimeProvider time)
{
    // How often a starting broker is looked at: its start takes some 200 ms.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(10);

    // A busy broker is left in peace a little longer.
    private static readonly TimeSpan RetryBusy = TimeSpan.FromMilliseconds(50);

    /// <summary>Goes from the verdict on what is there to a connected broker, or to a reason to go direct.</summary>
    public async Task<BrokerLaunch> GetAsync(IStateStore store, BrokerProbe probe, BrokerDemand demand, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        while (true)
        {
            switch (probe.Verdict.Kind)
            {
                case VerdictKind.Usable:
                    return new BrokerLaunch.Ready(probe.Connection!, StartedHere: false);
                case VerdictKind.None or VerdictKind.Stale or VerdictKind.PidReused or VerdictKind.Corrupt or VerdictKind.Retire:
                    await probe.DisposeAsync();
                    if (await StartUnderLockAsync(store, demand, setup.Limits.BrokerStart - time.GetElapsedTime(begun), cancellationToken) is { } launched)
                        return launched;
                    break;
                case VerdictKind.Starting or VerdictKind.Busy:
                    await probe.DisposeAsync();
                    await Task.Delay(probe.Verdict.Kind == VerdictKind.Busy ? RetryBusy : LookAgain, cancellationToken);
                    break;
                default:
                    await probe.DisposeAsync();
                    return new BrokerLaunch.None(Reason(probe.Verdict));
            }

            if (time.GetElapsedTime(begun) >= setup.Limits.BrokerStart)
                return new BrokerLaunch.None(Reason(probe.Verdict));
            probe = await ProbeAsync(store, demand);
        }
    }

    /// <summary>The reason to go direct that belongs to a verdict.</summary>
    public static Fallback Reason(Verdict verdict) => new(
        verdict.Kind switch
        {
            VerdictKind.LocksUnusable => FallbackReason.LocksUnusable,
            VerdictKind.FingerprintConflict => FallbackReason.FingerprintConflict,
            VerdictKind.Busy => FallbackReason.BrokerBusy,
            VerdictKind.Starting => FallbackReason.BrokerStarting,
            VerdictKind.Unresponsive => FallbackReason.BrokerUnresponsive,
            VerdictKind.None or VerdictKind.Stale or VerdictKind.PidReused or VerdictKind.Corrupt or VerdictKind.Retire =>
                FallbackReason.BrokerStartFailed,
            _ => FallbackReason.BrokerUnknown,
        },
        verdict.Reason);

    // Null: look again, the world has changed meanwhile.
    private async Task<BrokerLaunch?> StartUnderLockAsync(
        IStateStore store, BrokerDemand demand, TimeSpan limit, CancellationToken cancellationToken)
    {
        var attempt = await store.Lock(StateLock.Start).AcquireAsync("start of a broker", limit, cancellationToken);
        if (attempt is LockAttempt.Unusable unusable)
            return new BrokerLaunch.None(new Fallback(FallbackReason.LocksUnusable, unusable.Reason));
        if (attempt is not LockAttempt.Acquired { Lock: var startLock })
            return new BrokerLaunch.None(new Fallback(FallbackReason.BrokerStarting, "Another command is still starting it."));

        using (startLock)
        {
            var again = await ProbeAsync(store, demand);
            switch (again.Verdict.Kind)
            {
                case VerdictKind.Usable:
                    return new BrokerLaunch.Ready(again.Connection!, StartedHere: false);
                case VerdictKind.Retire:
                    await RetireAsync(again);
                    break;
                case VerdictKind.Stale or VerdictKind.PidReused:
                    await remains.ClearAsync(store, again.Record!);
                    break;
                case VerdictKind.Corrupt:
                    store.SetBrokerAside();
                    break;
                case VerdictKind.None:
                    break;
                default:
                    await again.DisposeAsync();
                    return null;
            }

            return await StartAsync(store, demand, cancellationToken);
        }
    }

    private async Task RetireAsync(BrokerProbe probe)
    {
        await using (probe)
        {
            try
            {
                await probe.Connection!.CallAsync(
                    BrokerProtocol.Drain,
                    new DrainParams(probe.Verdict.Reason, StopTurns: false),
                    BrokerJson.DrainParams,
                    BrokerJson.DrainResult,
                    setup.Limits.Handshake);
            }
            catch (Exception e) when (e is RpcErrorException or RpcTimeoutException or ConnectionLostException or System.Text.Json.JsonException)
            {
                // Gone by itself, or too busy to answer: the successor's attempt at the broker lock will tell.
            }
        }
    }

    private async Task<BrokerLaunch?> StartAsync(IStateStore store, BrokerDemand demand, CancellationToken cancellationToken)
    {
        var instanceId = Guid.NewGuid().ToString("N")[..12];
        if (SocketPath.TryCreate(instanceId, name => setup.Environment.GetValueOrDefault(name), NativeDisk.Instance) is var place and not SocketPath.Ready)
            return new BrokerLaunch.None(NoPlace(place));

        var output = Path.Combine(store.Paths.LogsDirectory, $"start-{instanceId}.log");
        var started = DetachedProcess.Start(BrokerProcess.Describe(setup, store, demand, instanceId), output, processes);
        if (started is not DetachedStart.Started { Child: var child })
            return new BrokerLaunch.None(new Fallback(FallbackReason.BrokerStartFailed, ((DetachedStart.Failed)started).Reason));

        try
        {
            return await WaitAsync(store, demand, instanceId, child, output, cancellationToken);
        }
        finally
        {
            TryDelete(output);
        }
    }

    private async Task<BrokerLaunch?> WaitAsync(
        IStateStore store, BrokerDemand demand, string instanceId, DetachedChild child, string output, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        while (time.GetElapsedTime(begun) < setup.Limits.BrokerStart)
        {
            if (store.ReadBroker() is { Value.InstanceId: { } published } read && published == instanceId)
            {
                var probe = await prober.ProbeAsync(store, read, demand.Fingerprint, demand.Caller);
                if (probe.Verdict.Kind == VerdictKind.Usable)
                    return new BrokerLaunch.Ready(probe.Connection!, StartedHere: true);
                await probe.DisposeAsync();
            }

            if (child.Exited.IsCompleted)
            {
                var exit = await child.Exited;
                return exit.Code == BrokerProcess.AnotherOneExitCode
                    ? null
                    : new BrokerLaunch.None(new Fallback(FallbackReason.BrokerStartFailed, $"It {exit.Description}.{LastWords(output)}"));
            }

            await Task.Delay(LookAgain, cancellationToken);
        }

        // Only the child started just now, by its identity: never somebody else's broker.
        if (child.Identity is { } identity)
            await ender.EndAsync([new FoundProcess(identity, "broker serve")], setup.Limits.InterruptConfirmed);
        return new BrokerLaunch.None(new Fallback(
            FallbackReason.BrokerStartFailed, $"It was not ready within {setup.Limits.BrokerStart.TotalSeconds:0} s.{LastWords(output)}"));
    }

    private Task<BrokerProbe> ProbeAsync(IStateStore store, BrokerDemand demand) =>
        prober.ProbeAsync(store, read: null, demand.Fingerprint, demand.Caller);

    private static Fallback NoPlace(SocketPath place) => place switch
    {
        SocketPath.TooLong tooLong => new Fallback(FallbackReason.SocketPathTooLong, $"{tooLong.Path} has {tooLong.Bytes} bytes, {SocketPath.Limit} are allowed."),
        SocketPath.Refused refused => new Fallback(FallbackReason.SocketFolderUnusable, refused.Sentence),
        _ => new Fallback(FallbackReason.SocketFolderUnusable),
    };

    private static string LastWords(string output)
    {
        try
        {
            var words = File.ReadLines(output).LastOrDefault(l => l.Length > 0);
            return words is null ? "" : " It said: " + words;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // It did not live long enough to say anything.
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A leftover log of a few bytes; doctor removes it.
        }
    }
}
