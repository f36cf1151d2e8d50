using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Configuration;

namespace CodexCompanion.Tool.Jobs;

/// <summary>What the commands about jobs work on: the state of the workspace they were called in, and the jobs that are theirs to see.</summary>
/// <param name="Host">What comes from outside.</param>
/// <param name="Store">The workspace's state. Nothing was created.</param>
/// <param name="Settings">The settings.</param>
internal sealed record JobScope(ToolHost Host, IStateStore Store, Settings Settings)
{
    // Reviews at the end of a session's turn are ours, not the user's: no command takes one for "the newest job".
    private const string StopReview = "stop-review";

    /// <summary>Marks the jobs whose worker died.</summary>
    public JobReconciler Reconciler { get; } = new(Host, Settings.Limits);

    /// <summary>Recovers their results.</summary>
    public JobRecovery Recovery { get; } = new(Host);

    /// <summary>Finds jobs by id.</summary>
    public JobFinder Finder { get; } = new(Host);

    /// <summary>Waits for jobs, and recovers the results of those whose worker died.</summary>
    public JobWaiter Waiter => new(Host, Reconciler, Recovery);

    /// <summary>Waits for jobs as somebody who only looks: what is lost is marked, and not recovered.</summary>
    public JobWaiter Watcher => new(Host, Reconciler, recovery: null);

    /// <summary>Cancels jobs.</summary>
    public JobCanceller Canceller => new(Host, Settings.Limits);

    /// <summary>How commands are called here.</summary>
    public CommandNames Names => new(Host.SessionId);

    /// <summary>Opens it.</summary>
    public static Attempt<JobScope> Open(CommandCall call, ToolHost host)
    {
        var directory = WorkingDirectory.Of(call, host);
        if (directory.Value is not { } cwd)
            return directory.Error!;
        var workspace = Workspace.Resolve(cwd);
        var loaded = SettingsLoader.Load(workspace.Root, host.Variables);
        if (loaded.Value is not { } settings)
            return loaded.Error!;
        return StateRoot.Resolve(host.Variable) is StateRoot.At root
            ? new JobScope(host, host.OpenStore(host, workspace, root.Path), settings)
            : CommandError.NoStateRoot((StateRoot.Refused)StateRoot.Resolve(host.Variable));
    }

    /// <summary>Whether a job belongs to this session; without a session all do.</summary>
    public bool IsOurs(JobRecord job) => Host.SessionId is not { } session || string.Equals(job.SessionId, session, StringComparison.Ordinal);

    /// <summary>Whether a job may be meant when none is named.</summary>
    public bool MayBeMeant(JobRecord job) => IsOurs(job) && job.Kind != StopReview;

    /// <summary>The job named, wherever it is; or, when none is named, the first one that fits, of this session.</summary>
    /// <param name="id">The id or its begin; null for none.</param>
    /// <param name="fits">What is looked for when none is named.</param>
    /// <param name="none">What to say when nothing fits.</param>
    public async Task<Attempt<FoundJob>> FindAsync(string? id, Func<JobRecord, bool> fits, string none)
    {
        if (id is not null)
        {
            var found = Finder.Find(Store, id);
            return found.Value is { } known ? known with { Job = await Reconciler.OneAsync(known.Store, known.Job) } : found;
        }

        return await Reconciler.FindAsync(Store, Host.SessionId, jobs => jobs.FirstOrDefault(job => MayBeMeant(job) && fits(job))) is { } newest
            ? new FoundJob(Store, Store.ReadJob(newest.Id).Value ?? newest)
            : CommandError.NothingMatched(none);
    }
}
