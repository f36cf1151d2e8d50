using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.Tool.Doctor.Legacy;

/// <summary>What came of an import.</summary>
/// <param name="Imported">Ids of the jobs that are ours now, too.</param>
/// <param name="Known">How many were ours already.</param>
/// <param name="Unreadable">How many records could not be read.</param>
internal sealed record LegacyImported(IReadOnlyList<string> Imported, int Known, int Unreadable);

/// <summary>Copies jobs that the Node runtime recorded into our own state, with their logs. Theirs stay as they are.</summary>
internal static class LegacyImport
{
    /// <summary>The finished jobs that could be imported into a workspace.</summary>
    public static IReadOnlyList<JobRecord> Candidates(DoctorSite site, WorkspaceSite at)
    {
        var own = at.Jobs;
        return
        [
            .. Stores(site, at).SelectMany(store => JobsLook.At(site, store).Files.Values)
                .Select(read => read.Value)
                .OfType<JobRecord>()
                .Where(job => job.IsFinished && !own.Files.ContainsKey(job.Id)),
        ];
    }

    /// <summary>Imports them.</summary>
    /// <exception cref="StateStoreException">The state cannot be written.</exception>
    public static LegacyImported Run(DoctorSite site, WorkspaceSite at)
    {
        var imported = new List<string>();
        var (known, unreadable) = (0, 0);
        foreach (var store in Stores(site, at))
        {
            foreach (var (id, read) in JobsLook.At(site, store).Files)
            {
                if (at.Store.ReadJob(id).Kind != StateReadKind.Missing)
                    known++;
                else if (store.ReadJob(id).Value is not { } job)
                    unreadable++;
                else if (job.IsFinished)
                    imported.Add(Take(store, at.Store, job));
            }
        }

        at.Forget();
        return new LegacyImported(imported, known, unreadable);
    }

    private static string Take(IStateStore from, IStateStore to, JobRecord job)
    {
        const string Note = "Imported from the Node runtime's state by doctor.";
        var log = to.Paths.JobLog(job.Id);
        to.CreateJob(job with { LogFile = log, Pid = null, RecoveryNotes = [.. job.RecoveryNotes ?? [], Note] });
        try
        {
            if (StateStore.Disk.RegularFile.IsAt(from.Paths.JobLog(job.Id)) && !File.Exists(log))
                StateStore.Disk.NativeDisk.Instance.Append(log, File.ReadAllBytes(from.Paths.JobLog(job.Id)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            to.AppendJobLog(job.Id, $"Its old log could not be copied: {e.Message}");
        }

        return job.Id;
    }

    // The same workspace has the same name in both: slug and hash are made in the same way.
    private static IEnumerable<IStateStore> Stores(DoctorSite site, WorkspaceSite at) => LegacyPlaces.States(site)
        .Where(state => state.Workspace.Hash == at.Workspace.Hash)
        .Select(state => site.Host.OpenStore(site.Host, state.Workspace, state.Root));
}
