using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Validation;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.Tool.Doctor;

/// <summary>One look at a workspace's broker, as a client would look that wants exactly what is there.</summary>
/// <param name="Read">The record.</param>
/// <param name="Facts">What was found.</param>
/// <param name="Verdict">What a client would make of it.</param>
/// <param name="Hello">The broker's own words; null when none answered.</param>
internal sealed record BrokerLook(StateRead<BrokerRecord> Read, BrokerFacts Facts, Verdict Verdict, HelloResult? Hello)
{
    /// <summary>Whether everything says that it is gone: nobody holds its lock, and its process has ended or is another one.</summary>
    public bool IsGone => Facts is { Lock: LockState.Free, Endpoint: not EndpointState.Answers, Process: ProcessPresence.Gone or ProcessPresence.Other };

    // Whoever probes a lock holds it for some microseconds; a broker that is there holds it every time one looks.
    private const int Looks = 8;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    /// <summary>The last look of this run, or a first one. For checks; a repair looks anew.</summary>
    public static async Task<BrokerLook> LastAsync(DoctorPlace place) => place.Workspace.Broker ??= await AtAsync(place);

    /// <summary>Looks. Starts nothing, and leaves the broker alone but for a greeting. A lock counts as held only if it stays so.</summary>
    public static async Task<BrokerLook> AtAsync(DoctorPlace place)
    {
        var look = await OnceAsync(place);
        for (var i = 1; i < Looks && look is { Hello: null, Facts.Lock: LockState.Held }; i++)
        {
            await Task.Delay(BetweenLooks, place.Site.Host.Time);
            if (place.Store.Lock(StateLock.Broker).Probe().State == LockState.Free)
                look = await OnceAsync(place);
        }

        return look;
    }

    private static async Task<BrokerLook> OnceAsync(DoctorPlace place)
    {
        var site = place.Site;
        var read = place.Store.ReadBroker();
        var prober = new BrokerProber(site.Processes, site.Limits, new ServerRequestPolicy(site.Host.Time), site.Host.Time);

        // Its own fingerprint: whether it suits this caller is no question of health.
        await using var probe = await prober.ProbeAsync(place.Store, read, read.Value?.Fingerprint ?? "", BrokerCaller.Visitor);
        return new BrokerLook(read, probe.Facts, probe.Verdict, probe.Connection?.Hello);
    }
}
