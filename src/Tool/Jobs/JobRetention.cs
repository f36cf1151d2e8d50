using CodexCompanion.StateStore.Records;

namespace CodexCompanion.Tool.Jobs;

/// <summary>
/// Which finished jobs may go: pure. Active jobs never do. What somebody has got goes by count and by age; what nobody has got yet is never
/// crowded out by others, and goes by age alone, much later.
/// </summary>
internal static class JobRetention
{
    /// <summary>Collected jobs kept in a workspace: more than anybody scrolls through.</summary>
    public const int MostCollected = 50;

    /// <summary>How long a collected job is kept at most: two weeks cover a holiday.</summary>
    public static readonly TimeSpan CollectedAge = TimeSpan.FromDays(14);

    /// <summary>How long one is kept that nobody has collected: four times as long, since it may be the only trace of work done.</summary>
    public static readonly TimeSpan UncollectedAge = TimeSpan.FromDays(56);

    /// <summary>The ids of those to remove.</summary>
    /// <param name="jobs">All jobs of a workspace, in any order.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyList<string> Expired(IEnumerable<JobRecord> jobs, DateTimeOffset now)
    {
        var finished = jobs.Where(job => job.IsFinished).OrderByDescending(job => job.EndedAt).ThenByDescending(job => job.Id, StringComparer.Ordinal).ToList();
        var collected = finished.Where(job => job.CollectedAt is not null).ToList();
        return
        [
            .. collected.Skip(MostCollected).Concat(collected.Take(MostCollected).Where(job => IsOlder(job, CollectedAge, now))).Select(job => job.Id),
            .. finished.Where(job => job.CollectedAt is null && IsOlder(job, UncollectedAge, now)).Select(job => job.Id),
        ];
    }

    // A record without any time (saved out of a damaged index, or the old runtime's) is not known to be old: it stays.
    private static bool IsOlder(JobRecord job, TimeSpan age, DateTimeOffset now) => now - job.EndedAt > age;
}
