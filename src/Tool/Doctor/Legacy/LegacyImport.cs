using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Jobs;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.Tool.Doctor.Legacy;

/// <summary>What came of an import into one workspace.</summary>
/// <param name="Workspace">The workspace's root as far as it is known; else the name of its state folder.</param>
/// <param name="Imported">Ids of the jobs that are ours now, too; of those that would be, where nothing may be changed.</param>
/// <param name="Known">How many were ours already.</param>
/// <param name="Unfinished">How many may not have ended: they stay where they are.</param>
/// <param name="Unreadable">How many records could not be read.</param>
internal sealed record LegacyImported(string Workspace, IReadOnlyList<string> Imported, int Known, int Unfinished, int Unreadable);

/// <summary>
/// Copies jobs that the Node runtime recorded into our own state, with their logs: from their files, and those whose file is lost from its
/// index and their log. Theirs stay as they are.
/// </summary>
internal static class LegacyImport
{
    private const string Note = "Imported from the Node runtime's state by doctor.";

    /// <summary>
    /// The workspaces to import into: the one at hand or, where every workspace is looked at, all of which the Node runtime has a state. Those that
    /// have no state of ours yet get one with their first job.
    /// </summary>
    public static IReadOnlyList<WorkspaceSite> Targets(DoctorSite site)
    {
        if (!site.Everywhere || site.Root is not { } root)
            return site.Here is { } here ? [here] : [];
        var ours = site.Workspaces.ToDictionary(at => at.Workspace.Hash, StringComparer.Ordinal);
        return
        [
            .. LegacyPlaces.States(site)
                .Select(state => state.Workspace)
                .DistinctBy(workspace => workspace.Hash, StringComparer.Ordinal)
                .Select(workspace => ours.GetValueOrDefault(workspace.Hash) ?? new WorkspaceSite(site, workspace, root)),
        ];
    }

    /// <summary>The finished jobs that could be imported into a workspace.</summary>
    public static IReadOnlyList<JobRecord> Candidates(DoctorSite site, WorkspaceSite at) =>
    [
        .. Recorded(site, at).Select(found => found.Job).OfType<JobRecord>().Where(job => job.IsFinished && !at.Jobs.Files.ContainsKey(job.Id)),
    ];

    /// <summary>Imports them; where nothing may be changed, says only what it would do.</summary>
    /// <exception cref="StateStoreException">The state cannot be written.</exception>
    public static LegacyImported Run(DoctorSite site, WorkspaceSite at)
    {
        var imported = new List<string>();
        var (known, unfinished, unreadable) = (0, 0, 0);
        foreach (var found in Recorded(site, at))
        {
            if (at.Store.ReadJob(found.Id).Kind != StateReadKind.Missing)
                known++;
            else if (found.Job is null)
                unreadable++;
            else if (!found.Job.IsFinished)
                unfinished++;
            else
                imported.Add(site.Mode == DoctorMode.DryRun ? found.Id : Take(site, found, at.Store));
        }

        at.Forget();
        return new LegacyImported(at.Name, imported, known, unfinished, unreadable);
    }

    // A record that is torn, or gone, may stand in the index all the same; of a job with several states, the first is taken.
    private static IReadOnlyList<Found> Recorded(DoctorSite site, WorkspaceSite at)
    {
        var all = new Dictionary<string, Found>(StringComparer.Ordinal);
        foreach (var store in Stores(site, at))
        {
            var entries = LegacyIndex.Jobs(store.Paths.Directory).ToDictionary(job => job.Id, StringComparer.Ordinal);
            foreach (var (id, read) in JobsLook.At(site, store).Files)
                all.TryAdd(id, read.Value is null && entries.TryGetValue(id, out var entry) ? new Found(store, id, entry, IsEntry: true) : new Found(store, id, read.Value, IsEntry: false));
            foreach (var (id, entry) in entries)
                all.TryAdd(id, new Found(store, id, entry, IsEntry: true));
        }

        return [.. all.Values.Select(found => found with { Job = found.Job is { } job ? Ended(site, job) : null })];
    }

    // What says that it runs and cannot any more has failed. A PID that somebody has proves nothing: it may be that worker's.
    private static JobRecord Ended(DoctorSite site, JobRecord job) =>
        job.IsFinished || job.Pid is not { } pid || site.Processes.Look(site.Processes.Self with { Pid = pid, StartTime = "" }) != ProcessPresence.Gone
            ? job
            : job with
            {
                Status = JobStatus.Failed,
                Phase = "failed",
                ErrorCode = JobErrorCodes.WorkerLost,
                ErrorMessage = $"The worker died: process {pid} of the Node runtime ended without recording a result.",
                ExitCode = ExitCodes.Lost,
                CompletedAt = job.EndedAt,
            };

    private static string Take(DoctorSite site, Found found, IStateStore to)
    {
        var from = found.Store.Paths.JobLog(found.Id);
        var log = to.Paths.JobLog(found.Id);
        var whole = found.IsEntry ? FromEntry(found.Job!, JobLogReading.Of(from)) : Ended(site, found.Store.ReadJob(found.Id).Value ?? found.Job!);
        to.CreateJob(whole with { WorkspaceRoot = whole.WorkspaceRoot ?? RootOf(to), LogFile = log, Pid = null, RecoveryNotes = [.. whole.RecoveryNotes ?? [], Note] });
        try
        {
            if (RegularFile.IsAt(from) && !File.Exists(log))
                NativeDisk.Instance.Append(log, File.ReadAllBytes(from));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            to.AppendJobLog(found.Id, $"Its old log could not be copied: {e.Message}");
        }

        return found.Id;
    }

    private static string? RootOf(IStateStore store) => store.Workspace.Root is { Length: > 0 } root ? root : null;

    // The index has neither prompt nor result; a log has what was printed at the end.
    private static JobRecord FromEntry(JobRecord entry, JobLogReading? log)
    {
        var rendered = entry.Rendered ?? log?.FinalOutput ?? log?.LastMessage;
        var lost = rendered is null ? "Its record was lost, and its prompt and its result with it." : "Its record was lost, and its prompt with it; the result is what its log has of it.";
        return entry with { ThreadId = entry.ThreadId ?? log?.ThreadId, TurnId = entry.TurnId ?? log?.TurnId, Rendered = rendered, RecoveryNotes = [.. entry.RecoveryNotes ?? [], lost] };
    }

    // The same workspace has the same name in both: slug and hash are made in the same way.
    private static IEnumerable<IStateStore> Stores(DoctorSite site, WorkspaceSite at) => LegacyPlaces.States(site)
        .Where(state => state.Workspace.Hash == at.Workspace.Hash)
        .Select(state => site.Host.OpenStore(site.Host, state.Workspace, state.Root));

    /// <summary>A job that the Node runtime recorded.</summary>
    /// <param name="Store">Where.</param>
    /// <param name="Id">The job.</param>
    /// <param name="Job">What is known of it, without what may be large; null when nothing can be read.</param>
    /// <param name="IsEntry">Whether only the index tells of it.</param>
    private sealed record Found(IStateStore Store, string Id, JobRecord? Job, bool IsEntry);
}
