using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.Tool.Doctor;

/// <summary>One workspace and its state.</summary>
internal sealed class WorkspaceSite
{
    private readonly DoctorSite _site;
    private Task<JobsLook>? _jobs;

    /// <summary>Makes it; touches nothing.</summary>
    public WorkspaceSite(DoctorSite site, Workspace workspace, string root)
    {
        _site = site;
        Workspace = workspace;
        Store = site.Host.OpenStore(site.Host, workspace, root);
    }

    /// <summary>The workspace. Its root is empty when only its state folder is known.</summary>
    public Workspace Workspace { get; }

    /// <summary>Its state.</summary>
    public IStateStore Store { get; }

    /// <summary>Whether there is any state of it.</summary>
    public bool Exists => Directory.Exists(Store.Paths.Directory);

    /// <summary>Its jobs as they were seen. Read once, since four checks ask; a repair has it read again.</summary>
    public JobsLook Jobs
    {
        get
        {
            BeginReadingJobs();
            return _jobs!.GetAwaiter().GetResult();
        }
    }

    /// <summary>Reads the jobs meanwhile: half of what a look at a healthy workspace takes, and there is something else to look at first.</summary>
    public void BeginReadingJobs() => _jobs ??= Task.Run(() => JobsLook.At(_site, Store));

    /// <summary>The workspace's root as far as it is known; else the name of its state folder.</summary>
    public string Name => Workspace.Root.Length > 0 ? Workspace.Root : KnownRoot ?? Path.GetFileName(Store.Paths.Directory);

    /// <summary>Its broker as it was last seen; a mute one takes seconds to be called so.</summary>
    public BrokerLook? Broker { get; set; }

    /// <summary>Forgets what was read and seen.</summary>
    public void Forget()
    {
        _jobs = null;
        Broker = null;
    }

    // A job's record names the root; the folder's hash proves it.
    private string? KnownRoot
    {
        get
        {
            var named = Store.ReadIndex().Value?.Select(job => job.WorkspaceRoot).FirstOrDefault(root => root is not null);
            return named is not null && Workspace.IsAt(named) ? named : null;
        }
    }
}

/// <summary>What lies in a workspace's folder of jobs, and what its index says.</summary>
/// <param name="Index">The index as it was read.</param>
/// <param name="Files">Each job's record as it was read, by id, without what may be large.</param>
/// <param name="Logs">Ids of jobs that have a log.</param>
/// <param name="Strange">Paths of what does not belong there.</param>
internal sealed record JobsLook(
    StateRead<IReadOnlyList<JobRecord>> Index,
    IReadOnlyDictionary<string, StateRead<JobRecord>> Files,
    IReadOnlySet<string> Logs,
    IReadOnlyList<string> Strange)
{
    // Fewer are read by one in less time than it takes to call somebody.
    private const int EnoughForTwo = 16;

    /// <summary>Looks.</summary>
    public static JobsLook At(DoctorSite site, IStateStore store)
    {
        var ids = new List<string>();
        var logs = new HashSet<string>(StringComparer.Ordinal);
        var strange = new List<string>();
        foreach (var path in EntriesOf(site, store.Paths.JobsDirectory))
        {
            var id = Path.GetFileNameWithoutExtension(path);
            switch (Path.GetExtension(path))
            {
                case ".json" when JobIds.IsValid(id):
                    ids.Add(id);
                    break;
                case ".log" when JobIds.IsValid(id):
                    logs.Add(id);
                    break;
                default:
                    if (!TemporaryFiles.IsName(Path.GetFileName(path)))
                        strange.Add(path);
                    break;
            }
        }

        // To read all jobs is most of what a look at a workspace takes: two do it.
        var half = ids.Count >= EnoughForTwo ? ids.Count / 2 : 0;
        var others = half > 0 ? Task.Run(() => Read(store, ids[..half])) : null;
        var index = store.ReadIndex();
        var read = Read(store, ids[half..]);
        return new JobsLook(index, (others?.GetAwaiter().GetResult() ?? []).Concat(read).ToDictionary(StringComparer.Ordinal), logs, strange);
    }

    private static List<KeyValuePair<string, StateRead<JobRecord>>> Read(IStateStore store, List<string> ids) =>
        ids.ConvertAll(id => KeyValuePair.Create(id, store.ReadJob(id) is var read && read.Value is { } job ? StateRead<JobRecord>.Ok(Slim(job)) : read));

    /// <summary>A record without its bulky members.</summary>
    public static JobRecord Slim(JobRecord job) => job with { Request = null, Result = null, Rendered = null };

    private static IEnumerable<string> EntriesOf(DoctorSite site, string folder)
    {
        // A folder that is missing, or no folder, or a link (never followed), has no jobs; state-directory tells what is wrong with it.
        if (site.Look(folder) is not { Kind: StateStore.Disk.FileKind.Directory })
            return [];
        try
        {
            return Directory.GetFileSystemEntries(folder).Order(StringComparer.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // permissions tells why it cannot be read.
        }
    }
}
