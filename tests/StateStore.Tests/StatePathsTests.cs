using CodexCompanion.StateStore.Records;

namespace CodexCompanion.StateStore.Tests;

public sealed class StatePathsTests
{
    private static readonly StatePaths Paths = StatePaths.For("/state", new Workspace("/src/app", "app", "0011223344556677"));

    [Fact]
    public void Everything_lies_where_the_layout_says()
    {
        Assert.Equal("/state/app-0011223344556677", Paths.Directory);
        Assert.Equal("/state/app-0011223344556677/broker.json", Paths.BrokerFile);
        Assert.Equal("/state/app-0011223344556677/config.json", Paths.ConfigFile);
        Assert.Equal("/state/app-0011223344556677/jobs.json", Paths.IndexFile);
        Assert.Equal("/state/app-0011223344556677/jobs/task-1.json", Paths.JobFile("task-1"));
        Assert.Equal("/state/app-0011223344556677/jobs/task-1.log", Paths.JobLog("task-1"));
        Assert.Equal("/state/app-0011223344556677/locks/broker.lock", Paths.LockFile(StateLock.Broker));
        Assert.Equal("/state/app-0011223344556677/locks/instance-abc.lock", Paths.InstanceLockFile("abc"));
    }

    [Theory]
    [InlineData("task-../../x")]
    [InlineData("../task-1")]
    [InlineData("task-a/b")]
    [InlineData("task-")]
    [InlineData("job-1")]
    [InlineData("")]
    public void A_job_id_never_leads_out_of_the_folder(string id)
    {
        Assert.False(JobIds.IsValid(id));
        Assert.Throws<ArgumentException>(() => Paths.JobFile(id));
        Assert.Throws<ArgumentException>(() => Paths.JobLog(id));
    }

    [Fact]
    public void New_ids_are_valid_and_never_the_same()
    {
        var ids = Enumerable.Range(0, 5000).Select(i => i % 2 == 0 ? JobIds.NewTaskId() : JobIds.NewReviewId()).ToList();
        Assert.All(ids, id => Assert.True(JobIds.IsValid(id)));
        Assert.Equal(ids.Count, ids.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Fact]
    public void Later_ids_sort_after_earlier_ones()
    {
        var clock = new Support.FakeClock();
        var earlier = JobIds.NewTaskId(clock);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(string.CompareOrdinal(earlier, JobIds.NewTaskId(clock)) < 0);
    }
}
