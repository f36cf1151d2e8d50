using CodexCompanion.Tool.Jobs;

namespace CodexCompanion.Tool.Watching;

/// <summary>
/// The jobs a watch looks at: those that are active, as they come, and those that ended while it watched. With one job named, that one.
/// </summary>
/// <param name="scope">Where.</param>
/// <param name="one">The one job to watch; null for all.</param>
/// <param name="all">Whether the jobs of all sessions are watched.</param>
internal sealed class WatchedJobs(JobScope scope, FoundJob? one, bool all)
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    /// <summary>Looks.</summary>
    /// <returns>Active ones first, then those that ended, each newest first.</returns>
    public async Task<IReadOnlyList<WatchRow>> LookAsync()
    {
        var now = scope.Host.Time.GetUtcNow();
        if (one is not null)
        {
            var job = await scope.Reconciler.OneAsync(one.Store, one.Store.ReadJob(one.Job.Id).Value ?? one.Job);
            return [RowOf(one with { Job = job }, now)];
        }

        var jobs = await scope.Reconciler.NewestAsync(scope.Store, all ? null : scope.Host.SessionId);
        var watched = new List<WatchRow>();
        foreach (var job in jobs.Where(job => (all || scope.IsOurs(job)) && (!job.IsFinished || _seen.Contains(job.Id))).OrderBy(job => job.IsFinished))
        {
            _seen.Add(job.Id);
            watched.Add(RowOf(new FoundJob(scope.Store, job), now));
        }

        return watched;
    }

    /// <summary>The last lines of a job's log.</summary>
    public static IReadOnlyList<string> LogOf(WatchRow row, int lines) => JobLogTail.LastLines(row.Found.Store, row.Job, lines);

    private static WatchRow RowOf(FoundJob found, DateTimeOffset now) => new(found, JobView.Of(found.Store, found.Job, now));
}
