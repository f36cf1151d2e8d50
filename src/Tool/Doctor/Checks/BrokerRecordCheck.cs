using CodexCompanion.Pipeline.Validation;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.Tool.Doctor.Journal;

namespace CodexCompanion.Tool.Doctor.Checks;

/// <summary>Whether <c>broker.json</c> can be understood and names a broker that is there.</summary>
internal sealed class BrokerRecordCheck : IDoctorCheck
{
    private const string Corrupt = "corrupt";
    private const string Stale = "stale";

    // A client that starts a broker holds the lock for a second or so; some doctors at once on a busy machine for longer.
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public string Id => "broker-record";

    /// <inheritdoc/>
    public CheckCategory Category => CheckCategory.State;

    /// <inheritdoc/>
    public CheckScope Scope => CheckScope.Workspace;

    /// <inheritdoc/>
    public string About => "broker.json: readable, and of a broker that is there";

    /// <inheritdoc/>
    public async Task<Inspection> InspectAsync(DoctorPlace place, CancellationToken cancellation)
    {
        var look = await BrokerLook.LastAsync(place);
        return look.Read switch
        {
            { Kind: StateReadKind.Missing } => Inspection.Ok("none, as no broker runs"),
            { Kind: StateReadKind.Corrupt, Detail: var detail } => One(Damaged(place, look, detail!)),
            { Kind: StateReadKind.TooNew, Detail: var detail } => One(UnreadFile.TooNew(place.Paths.BrokerFile, detail!)),
            { Kind: StateReadKind.Unreadable, Detail: var detail } => UnreadFile.Closed(place, place.Paths.BrokerFile, place.Paths.BrokerFile, detail!) is { } closed ? One(closed) : UnreadFile.Skipped,
            { Value: { } record } when look.Verdict.Kind is VerdictKind.Stale or VerdictKind.PidReused || look.IsGone => One(LeftBehind(place, look, record.InstanceId)),
            { Value: { } record } => Inspection.Ok($"names broker {record.InstanceId}, process {record.Process.Pid}"),
            _ => throw new InvalidOperationException("A read without a value says why."),
        };
    }

    /// <inheritdoc/>
    public async Task<Repair> RepairAsync(DoctorPlace place, Finding finding, RepairJournal journal)
    {
        if (finding.Code == Corrupt)
        {
            return place.Store.Repair("set broker.json aside", Repair (repairs) => place.Store.ReadBroker().Kind == StateReadKind.Corrupt
                ? new Repair.Done($"set aside as {Aside.Move(place, repairs, journal, Id, place.Paths.BrokerFile)}")
                : new Repair.NotNeeded());
        }

        return await StartLockHolding.RepairAsync(place, "doctor clears a stale broker away", LockPatience, async () =>
        {
            var look = await BrokerLook.AtAsync(place);
            if (look.Read.Value is not { } record || record.InstanceId != finding.Subject || !IsStale(look))
                return new Repair.NotNeeded();
            var remains = new DoctorRemains(place, journal, Id);
            var left = await remains.EndAsync(() => remains.Of(record));
            if (left.Count > 0)
                return new Repair.Refused($"process {string.Join(", ", left)} of it does not end");
            return place.Store.Repair("set a stale broker.json aside", Repair (repairs) =>
            {
                if (place.Store.ReadBroker().Value?.InstanceId != record.InstanceId)
                    return new Repair.NotNeeded();
                var kept = Aside.Move(place, repairs, journal, Id, place.Paths.BrokerFile);
                return new Repair.Done($"set aside as {kept}");
            });
        });
    }

    private static bool IsStale(BrokerLook look) => look.Verdict.Kind is VerdictKind.Stale or VerdictKind.PidReused || look.IsGone;

    private static Inspection One(Finding finding) => Inspection.Of("", [finding], _ => "");

    private static Finding Damaged(DoctorPlace place, BrokerLook look, string detail) => new(
        Corrupt, place.Paths.BrokerFile, detail.TrimEnd('.'), Remedy.Safe("set it aside"))
    {
        Evidence = [look.Facts.Lock == LockState.Held ? "a broker holds its lock; it publishes its record again within seconds" : "nobody holds the broker lock"],
    };

    private Finding LeftBehind(DoctorPlace place, BrokerLook look, string instance)
    {
        var record = look.Read.Value!;
        var processes = new DoctorRemains(place, journal: null, Id).Of(record);
        var what = look.Facts.Process == ProcessPresence.Other ? $"PID {record.Process.Pid} is another process now" : $"its process {record.Process.Pid} is gone";
        return new Finding(
            Stale,
            instance,
            $"broker {instance} was left behind by a broker that is gone ({what}){(processes.Count > 0 ? $"; {Words.Count(processes.Count, "process it started still runs", "processes it started still run")}" : "")}",
            processes.Count > 0 ? Remedy.Risky("end them and set the record aside (the next task would, too)") : Remedy.Safe("set the record aside"))
        {
            Evidence = [look.Verdict.Reason, .. processes.Select(process => $"still running: {process}")],
        };
    }
}
