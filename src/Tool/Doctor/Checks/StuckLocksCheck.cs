using System.Globalization;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.Tool.Doctor.Journal;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Doctor.Checks;

/// <summary>Whether locks work here, are files, and are given back. A lock that is held names its holder; nobody waits for it.</summary>
internal sealed class StuckLocksCheck : IDoctorCheck
{
    private const string NotAFile = "not-a-file";

    // The state lock is held for milliseconds, on a slow disk for some hundred.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    /// <inheritdoc/>
    public string Id => "stuck-locks";

    /// <inheritdoc/>
    public CheckCategory Category => CheckCategory.State;

    /// <inheritdoc/>
    public CheckScope Scope => CheckScope.Workspace;

    /// <inheritdoc/>
    public string About => "locks that somebody holds for too long, that are no files, or do not work here";

    /// <inheritdoc/>
    public async Task<Inspection> InspectAsync(DoctorPlace place, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        var paths = place.Paths;
        foreach (var path in (string[])[paths.StateQueueFile, .. Enum.GetValues<StateLock>().Select(paths.LockFile)])
        {
            if (place.Site.Look(path) is { Kind: not FileKind.Regular })
                findings.Add(new Finding(NotAFile, path, $"{Aside.Short(place, path)} is not a file, so nobody can lock it", Remedy.Safe("set it aside")));
        }

        if (findings.Count == 0 && await JudgeAsync(place, StateLock.State, cancellation) is { } state)
            findings.Add(state);
        if (findings.Count == 0 && await JudgeAsync(place, StateLock.Start, cancellation) is { } start)
            findings.Add(start);
        return Inspection.Of("none is stuck", findings, n => $"{n} locks cannot be used");
    }

    /// <inheritdoc/>
    public Task<Repair> RepairAsync(DoctorPlace place, Finding finding, RepairJournal journal)
    {
        // Nobody can hold what is no file, so it is moved without a lock.
        if (place.Site.Look(finding.Subject) is null or { Kind: FileKind.Regular })
            return Task.FromResult<Repair>(new Repair.NotNeeded());
        return Task.FromResult<Repair>(new Repair.Done($"set aside as {Aside.MoveWithoutLock(place, journal, Id, finding.Subject)}"));
    }

    private static async Task<Finding?> JudgeAsync(DoctorPlace place, StateLock which, CancellationToken cancellation)
    {
        // Whoever has just taken a lock has not left a name yet.
        var time = place.Site.Host.Time;
        var begun = time.GetTimestamp();
        var probe = place.Store.Lock(which).Probe();
        while (probe.State == LockState.Held && !MayBeHeld(place, which, probe) && time.GetElapsedTime(begun) < Patience)
        {
            await Task.Delay(LookAgain, time, cancellation);
            probe = place.Store.Lock(which).Probe();
        }

        return probe.State switch
        {
            LockState.Unusable => DoNotWork(place, which, probe.Reason!),
            LockState.Held when !MayBeHeld(place, which, probe) => Held(place, which, probe.Holder),
            _ => null,
        };
    }

    // While a broker starts, its starter has the start lock.
    private static bool MayBeHeld(DoctorPlace place, StateLock which, LockProbe probe) =>
        which == StateLock.Start && HeldFor(place, probe.Holder) <= place.Site.Limits.BrokerStart;

    private static Finding? DoNotWork(DoctorPlace place, StateLock which, string reason)
    {
        if (WriteAccess.Refusal(place.Paths.LocksDirectory) is not null)
            return null; // Where nothing can be written there are no locks either: state-directory or permissions tells of it.
        var path = place.Paths.LockFile(which);
        if (PermissionsCheck.IsWrong(place, path))
            return UnreadFile.Closed(place, path, path, reason);
        const string Switch = "DOTNET_SYSTEM_IO_DISABLEFILELOCKING";
        var remedy = place.Site.Host.Variable(Switch) is not null
            ? Remedy.Manual("let .NET lock files", $"unset {Switch}")
            : Remedy.Manual("put the state on a local disk", $"export {StateRoot.Variable}=/path/on/a/local/disk");
        return new Finding("unusable", place.Paths.LocksDirectory, reason.TrimEnd('.'), remedy);
    }

    private static Finding Held(DoctorPlace place, StateLock which, LockHolder? holder)
    {
        var name = Path.GetFileName(place.Paths.LockFile(which));
        if (holder is null)
            return new Finding("held", name, $"{name} is held by a process that left no name", Remedy.Manual("see who has it open", $"fuser -v {ShellWord.Of(place.Paths.LockFile(which))}"));
        var pid = holder.Process.Pid;
        var held = HeldFor(place, holder) is { } time ? $"has been held for {Span(time)}" : "is held";
        var who = $"{name} {held} by process {pid} ({holder.Purpose})";
        return place.Site.Processes.Look(holder.Process) == ProcessPresence.Same
            ? new Finding("held", name, who, Remedy.Manual("end it, stopped as it may be", $"kill -CONT {pid} && kill {pid}"))
            : new Finding("held", name, $"{who}, which is not to be seen from here", Remedy.Manual("see who has it open", $"fuser -v {ShellWord.Of(place.Paths.LockFile(which))}"));
    }

    // Null: not known, as the holder left no name, or the clock was set back since.
    private static TimeSpan? HeldFor(DoctorPlace place, LockHolder? holder) =>
        holder is not null && place.Site.Host.Time.GetUtcNow() - holder.Since is var time && time > -Patience ? time : null;

    private static string Span(TimeSpan span) => span.TotalMinutes < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, (int)span.TotalSeconds)} s")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalMinutes} min");
}
