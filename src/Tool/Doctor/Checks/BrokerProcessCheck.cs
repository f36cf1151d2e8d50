using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Validation;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.Tool.Doctor.Journal;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Doctor.Checks;

/// <summary>Whether the workspace's broker, where one runs, answers. One that holds its lock and says nothing keeps every task from it.</summary>
internal sealed class BrokerProcessCheck : IDoctorCheck
{
    private const string Unresponsive = "unresponsive";

    // A broker looks at its record every two seconds and publishes a missing one again; a loaded machine may take twice as long.
    private static readonly TimeSpan PublishesWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc/>
    public string Id => "broker-process";

    /// <inheritdoc/>
    public CheckCategory Category => CheckCategory.Processes;

    /// <inheritdoc/>
    public CheckScope Scope => CheckScope.Workspace;

    /// <inheritdoc/>
    public string About => "the broker answers in its own protocol, if one runs";

    /// <inheritdoc/>
    public async Task<Inspection> InspectAsync(DoctorPlace place, CancellationToken cancellation)
    {
        var look = await SettledAsync(place, cancellation);
        if (look.Hello is { } hello)
        {
            return Inspection.Ok($"{hello.InstanceId} answers: {(hello.Draining ? "draining, " : "")}process {hello.Process.Pid}, {Words.Count(hello.ActiveTurns, "running turn")}", look.Verdict.Reason);
        }

        if (IsMute(look))
            return Inspection.Of("", [Mute(place, look)], _ => "");
        return look.Verdict.Kind switch
        {
            VerdictKind.Busy => Inspection.Ok("it lives, and is busy"),
            VerdictKind.Starting => Inspection.Ok("it is starting"),
            VerdictKind.LocksUnusable => Inspection.Ok("cannot be told, as locks do not work here"),
            _ => Inspection.Ok("none runs; the next task starts one"),
        };
    }

    /// <inheritdoc/>
    public Task<Repair> RepairAsync(DoctorPlace place, Finding finding, RepairJournal journal) =>
        StartLockHolding.RepairAsync(place, "doctor stops a mute broker", place.Site.Limits.Connect, async () =>
        {
            var look = await BrokerLook.AtAsync(place);
            if (!IsMute(look) || BrokerOf(place, look) is not { } broker || Subject(broker) != finding.Subject)
                return new Repair.NotNeeded();
            var remains = new DoctorRemains(place, journal, Id);
            var ender = new ProcessEnder(place.Site.Processes, place.Site.Host.Time);
            var left = await remains.EndAsync(() => ender.LivingOf([new FoundProcess(broker, "broker")]));
            if (left.Count == 0 && look.Read.Value is { } record)
                left = await remains.EndAsync(() => remains.Of(record));
            return left.Count == 0
                ? new Repair.Done($"ended process {broker.Pid} and what it had started")
                : new Repair.Refused($"process {string.Join(", ", left)} does not end");
        });

    // A broker that is starting, or whose record was taken away, is given the time in which a healthy one shows itself.
    private static async Task<BrokerLook> SettledAsync(DoctorPlace place, CancellationToken cancellation)
    {
        var time = place.Site.Host.Time;
        var begun = time.GetTimestamp();
        for (var look = await BrokerLook.LastAsync(place); ; look = await BrokerLook.AtAsync(place))
        {
            var mayChange = look is { Hello: null, Verdict.Kind: VerdictKind.Starting or VerdictKind.Busy }
                || (look.Read.Kind == StateReadKind.Missing && look.Facts.Lock == LockState.Held);
            if (!mayChange || time.GetElapsedTime(begun) >= PublishesWithin)
                return look;
            await Task.Delay(LookAgain, time, cancellation);
        }
    }

    // Silent or mute while its lock is held; or draining (the lock is given back then), alive by identity, and mute. A lock that is held
    // without any record is judged after the time in which a healthy broker publishes again.
    private static bool IsMute(BrokerLook look) =>
        look.Verdict.Kind == VerdictKind.Unresponsive
        || look.Facts is { Record: StateReadKind.Missing, Lock: LockState.Held }
        || look.Facts is { Lock: LockState.Free, Endpoint: EndpointState.Mute, Process: ProcessPresence.Same };

    // The lock's holder, when the record agrees with it or there is none; it must run, and carry the mark of a broker.
    private static ProcessIdentity? BrokerOf(DoctorPlace place, BrokerLook look)
    {
        var holder = look.Facts.Lock == LockState.Held ? place.Store.Lock(StateLock.Broker).Probe().Holder?.Process : look.Read.Value?.Process;
        var recorded = look.Read.Value?.Process;
        if (holder is null || (recorded is not null && recorded != holder))
            return null;
        return place.Site.Processes.Look(holder) == ProcessPresence.Same ? holder : null;
    }

    private static string Subject(ProcessIdentity process) => $"{process.Pid} {process.StartTime}";

    private static Finding Mute(DoctorPlace place, BrokerLook look)
    {
        var why = look.Facts.Record == StateReadKind.Missing ? "holds its lock, publishes no record" : "holds its lock and does not answer";
        if (BrokerOf(place, look) is { } broker)
        {
            return new Finding(Unresponsive, Subject(broker), $"the broker, process {broker.Pid}, {why}", Remedy.Risky("end it by its identity"))
            {
                Evidence = [look.Verdict.Reason, $"the lock names process {broker.Pid}, which is the very one that took it"],
            };
        }

        var lockFile = place.Paths.LockFile(StateLock.Broker);
        return new Finding(Unresponsive, "unknown", $"a broker {why}, and which process it is cannot be proved", Remedy.Manual("see who has the lock open, and end it", $"fuser -v {ShellWord.Of(lockFile)}"))
        {
            Evidence = [look.Verdict.Reason],
        };
    }
}
