using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Jobs;
using Xunit;

namespace CodexCompanion.Tool.Tests.Jobs;

/// <summary>What is kept of finished jobs, and when the rest goes.</summary>
public sealed class RetentionTests
{
    [Fact]
    public void It_counts_what_was_collected_and_never_crowds_out_what_was_not()
    {
        var now = TimeProvider.System.GetUtcNow();
        JobRecord Job(int number, bool collected, double daysAgo, JobStatus status = JobStatus.Completed) => new()
        {
            Id = $"task-{number}",
            Status = status,
            CompletedAt = now.AddDays(-daysAgo),
            CollectedAt = collected ? now : null,
        };
        var many = Enumerable.Range(0, 60).Select(i => Job(i, collected: true, daysAgo: i / 100.0)).ToList();
        Assert.Equal(Enumerable.Range(50, 10).Select(i => $"task-{i}"), JobRetention.Expired(many, now));
        Assert.Empty(JobRetention.Expired(Enumerable.Range(0, 5000).Select(i => Job(i, collected: false, daysAgo: 20)), now));
        Assert.Empty(JobRetention.Expired(Enumerable.Range(0, 99).Select(i => Job(i, collected: true, daysAgo: 999, JobStatus.Running)), now));
        Assert.Equal(["task-1", "task-2"], JobRetention.Expired([Job(1, collected: true, 15), Job(2, collected: false, 57), Job(3, collected: false, 55)], now));
        Assert.Empty(JobRetention.Expired([new JobRecord { Id = "task-saved", Status = JobStatus.Completed }], now));
    }

    [Fact]
    public void Older_jobs_are_gone_through_once_a_day_and_none_that_is_young_active_or_uncollected_goes()
    {
        using var bench = new ToolBench();
        var store = bench.Store;
        var now = TimeProvider.System.GetUtcNow();
        for (var i = 0; i < 110; i++)
            Create($"task-{i:000}", i < 3 ? 60 : 20); // More than the index keeps: the oldest lie in the archive.
        Create("task-active", 60, JobStatus.Running);
        Assert.NotNull(store.OlderJobsGoneThroughAt);
        Assert.True(store.ListNewestJobs(sessionId: null).Count < 110);

        JobRecording.RemoveOlder(store, now);
        Assert.Equal(111, store.ListJobs().Count);

        File.SetLastWriteTimeUtc(store.Paths.ArchiveFile, now.AddDays(-2).UtcDateTime);
        JobRecording.RemoveOlder(store, now);
        Assert.Equal(108, store.ListJobs().Count);
        Assert.Equal(["task-000", "task-001", "task-002"], Enumerable.Range(0, 110).Select(i => $"task-{i:000}").Except(store.ListJobs().Select(job => job.Id), StringComparer.Ordinal));
        Assert.True(store.OlderJobsGoneThroughAt > now.AddDays(-1));

        void Create(string id, int daysAgo, JobStatus status = JobStatus.Completed) => store.CreateJob(new JobRecord
        {
            Id = id,
            Status = status,
            CreatedAt = now.AddDays(-daysAgo),
            CompletedAt = status == JobStatus.Completed ? now.AddDays(-daysAgo) : null,
        });
    }
}
