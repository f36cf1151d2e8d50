using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Doctor.Journal;

namespace CodexCompanion.Tool.Doctor.Checks;

/// <summary>
/// What processes that were killed left lying: temporary files of writes that were cut short, locks of brokers that are gone, what brokers
/// said while they started. A temporary file is proved to be left over by the state lock: whoever writes one of ours holds it.
/// </summary>
internal sealed class LeftoverFilesCheck : IDoctorCheck
{
    private const string Temporary = "temporary";
    private const string InstanceLock = "instance-lock";
    private const string StartLog = "start-log";

    // A write takes milliseconds, a broker's start fifteen seconds at most; what is younger may be somebody's who works just now.
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public string Id => "leftover-files";

    /// <inheritdoc/>
    public CheckCategory Category => CheckCategory.State;

    /// <inheritdoc/>
    public CheckScope Scope => CheckScope.Workspace;

    /// <inheritdoc/>
    public string About => "temporary files, instance locks and start logs of processes that were killed";

    /// <inheritdoc/>
    public Task<Inspection> InspectAsync(DoctorPlace place, CancellationToken cancellation) => Task.FromResult(Inspection.Of(
        "none",
        [.. Folders(place).SelectMany(folder => EntriesOf(place, folder)).Select(path => Judge(place, path)).OfType<Finding>()],
        n => $"{n} files were left by processes that are gone"));

    /// <inheritdoc/>
    public Task<Repair> RepairAsync(DoctorPlace place, Finding finding, RepairJournal journal) => Task.FromResult(
        place.Store.Repair("remove a left-over file", Repair (repairs) =>
        {
            if (Judge(place, finding.Subject)?.Code != finding.Code)
                return new Repair.NotNeeded();
            if (finding.Code == StartLog && new FileInfo(finding.Subject).Length > 0)
                return new Repair.Done($"set aside as {Aside.Move(place, repairs, journal, Id, finding.Subject)}");
            if (finding.Code == InstanceLock)
                return RemoveLock(place, finding.Subject, journal);
            journal.Do(new JournalStep(Id, StepKind.Removed, finding.Subject), () => repairs.Remove(finding.Subject));
            return new Repair.Done("removed");
        }));

    private static Finding? Judge(DoctorPlace place, string path)
    {
        var name = Path.GetFileName(path);
        if (place.Site.Look(path) is not { Kind: FileKind.Regular })
            return null;
        if (TemporaryFiles.WriterOf(name) is { } writer)
        {
            return IsYoung(place, path) && place.Site.Processes.Identify(writer) is not null
                ? null
                : new Finding(Temporary, path, $"{Aside.Short(place, path)} is the beginning of a write that was cut short", Remedy.Safe("remove it"));
        }

        if (LockedBy(name) is { } instance && Path.GetDirectoryName(path) == place.Paths.LocksDirectory)
            return JudgeLock(place, path, instance);
        return InstanceIn(name, "start-", ".log") is not null && Path.GetDirectoryName(path) == place.Paths.LogsDirectory && !IsYoung(place, path)
            ? new Finding(StartLog, path, $"{Aside.Short(place, path)} is from a broker's start that nobody waited for", Remedy.Safe("remove it, or set it aside if it says something"))
            {
                Severity = Severity.Warning,
            }
            : null;
    }

    private static Finding? JudgeLock(DoctorPlace place, string path, string instance)
    {
        if (place.Store.ReadBroker().Value?.InstanceId == instance)
            return null;
        var file = place.Store.InstanceLock(instance);
        var isOver = file.ReadHolder() is { } holder
            ? place.Site.Processes.Look(holder.Process) is ProcessPresence.Gone or ProcessPresence.Other
            : !IsYoung(place, path);
        return isOver && file.Probe().State == LockState.Free
            ? new Finding(InstanceLock, path, $"{Aside.Short(place, path)} belongs to a broker that is gone", Remedy.Safe("remove it"))
            : null;
    }

    // The lock is taken before it is removed, so nobody else can be about to hold it. An instance's name is never used again.
    private Repair RemoveLock(DoctorPlace place, string path, RepairJournal journal)
    {
        if (LockedBy(Path.GetFileName(path)) is not { } instance || place.Store.InstanceLock(instance).TryAcquire("doctor") is not LockAttempt.Acquired { Lock: var held })
            return new Repair.NotNeeded();
        using (held)
            journal.Do(new JournalStep(Id, StepKind.Removed, path), () => File.Delete(path));
        return new Repair.Done("removed");
    }

    private static bool IsYoung(DoctorPlace place, string path)
    {
        var age = place.Site.Host.Time.GetUtcNow() - new DateTimeOffset(File.GetLastWriteTimeUtc(path));
        return age >= -Grace && age < Grace; // A time in the future is a clock that was set back, and no sign of life.
    }

    private static IEnumerable<string> Folders(DoctorPlace place) =>
        [place.Paths.Directory, place.Paths.JobsDirectory, place.Paths.QuarantineDirectory, place.Paths.LocksDirectory, place.Paths.LogsDirectory, place.Paths.ResultsDirectory];

    private static IEnumerable<string> EntriesOf(DoctorPlace place, string folder)
    {
        if (place.Site.Look(folder) is not { Kind: FileKind.Directory })
            return [];
        try
        {
            return Directory.GetFiles(folder).Order(StringComparer.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // permissions tells why it cannot be read.
        }
    }

    private static string? LockedBy(string name) => InstanceIn(name, "instance-", ".lock");

    // The instance in the name of a file; null when it has another form.
    private static string? InstanceIn(string name, string prefix, string suffix) =>
        name.StartsWith(prefix, StringComparison.Ordinal) && name.EndsWith(suffix, StringComparison.Ordinal) && name.Length > prefix.Length + suffix.Length
        && name[prefix.Length..^suffix.Length] is var instance && BrokerRecord.IsValidInstanceId(instance)
            ? instance
            : null;
}
