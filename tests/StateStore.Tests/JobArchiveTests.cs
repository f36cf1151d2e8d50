using CodexCompanion.StateStore.Records;
using CodexCompanion.StateStore.Tests.Support;

namespace CodexCompanion.StateStore.Tests;

/// <summary>What the index has outgrown lies in the archive: nothing is lost between the two, whatever happens to either.</summary>
public sealed class JobArchiveTests : IDisposable
{
    private const int Kept = 2;

    private readonly StoreFixture _fixture = new(keptFinished: Kept);

    private FileStateStore Store => _fixture.Store;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void The_index_keeps_unfinished_jobs_and_the_newest_finished_ones_and_the_list_has_them_all()
    {
        _fixture.Create("task-active", JobStatus.Running);
        CreateFinished(7);
        Assert.DoesNotContain("task-1\"", File.ReadAllText(_fixture.Paths.IndexFile), StringComparison.Ordinal);
        Assert.Equal(["task-7", "task-6", "task-5", "task-4", "task-3", "task-2", "task-1", "task-active"], _fixture.Listed());
        var newest = Store.ListNewestJobs(sessionId: null).Select(job => job.Id).ToList();
        Assert.Contains("task-active", newest);
        Assert.Contains("task-7", newest);
        Assert.DoesNotContain("task-1", newest);
        Assert.InRange(newest.Count, Kept + 1, (2 * Kept) + 1);
    }

    [Fact]
    public void A_session_is_never_told_that_it_has_no_jobs_because_they_are_old()
    {
        Store.CreateJob(new JobRecord { Id = "task-mine", Status = JobStatus.Completed, SessionId = "s-1", CreatedAt = DateTimeOffset.UnixEpoch });
        CreateFinished(6);
        Assert.DoesNotContain(Store.ListNewestJobs("s-other"), job => job.Id == "task-mine");
        Assert.Contains(Store.ListNewestJobs("s-1"), job => job.Id == "task-mine");
    }

    [Fact]
    public void An_older_job_that_changes_is_listed_as_it_is_now()
    {
        CreateFinished(6);
        Store.UpdateJob("task-1", job => job with { CollectedAt = _fixture.Clock.GetUtcNow() });
        Assert.NotNull(Store.ListJobs().Single(job => job.Id == "task-1").CollectedAt);
        CreateFinished(6, from: 7); // Into the archive again, over its older entry.
        Assert.NotNull(Store.ListJobs().Single(job => job.Id == "task-1").CollectedAt);
        Assert.Equal(12, Store.ListJobs().Count);
    }

    [Fact]
    public void A_removed_job_is_gone_from_both()
    {
        CreateFinished(6);
        Store.UpdateJob("task-1", job => job with { CollectedAt = _fixture.Clock.GetUtcNow() }); // In both now.
        Assert.Equal(["task-2", "task-1"], Store.RemoveJobs(_ => ["task-1", "task-2"]).Select(job => job.Id));
        Assert.Equal(["task-6", "task-5", "task-4", "task-3"], _fixture.Listed());
        Assert.False(File.Exists(_fixture.Paths.JobFile("task-1")));
        Assert.NotNull(Store.OlderJobsGoneThroughAt);
    }

    [Fact]
    public void The_end_of_a_job_removes_others_from_both_but_only_those_of_the_index_and_never_itself()
    {
        CreateFinished(6);
        _fixture.Create("task-mine", JobStatus.Running);
        Store.UpdateJob("task-1", job => job with { CollectedAt = _fixture.Clock.GetUtcNow() }); // In both now.
        Store.EndJob("task-mine", job => job with { Status = JobStatus.Completed }, jobs =>
        {
            Assert.Equal(JobStatus.Completed, jobs.Single(job => job.Id == "task-mine").Status); // It counts already.
            return ["task-1", "task-2", "task-mine"];
        });
        Assert.Equal(["task-mine", "task-6", "task-5", "task-4", "task-3", "task-2"], _fixture.Listed());
        Assert.False(File.Exists(_fixture.Paths.JobFile("task-1")));
        Assert.Equal(JobStatus.Completed, Store.ReadJob("task-mine").Value!.Status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{\"version\":1,\"jobs\":[{\"id\":\"task-old\",\"status\":\"completed\"},{\"id\":\"task-1\",\"sta")]
    public void A_lost_or_torn_archive_is_made_anew_in_the_call_that_finds_it(string? content)
    {
        CreateFinished(8);
        if (content is null)
            File.Delete(_fixture.Paths.ArchiveFile);
        else
            File.WriteAllText(_fixture.Paths.ArchiveFile, content);
        var expected = content?.Contains("task-old", StringComparison.Ordinal) == true ? 9 : 8; // What only the archive had is taken out of it.
        Assert.Equal(expected, Store.ListJobs().Count);
        Assert.Equal(content is null ? 0 : 1, _fixture.Quarantined().Length);
        Assert.Equal(StateReadKind.Ok, Store.ReadIndex().Kind);
        Assert.Equal(expected, _fixture.Another().ListJobs().Count);
        Assert.True(Store.ListNewestJobs(sessionId: null).Count <= 2 * Kept);
    }

    [Fact]
    public void A_lost_index_comes_back_with_what_the_archive_alone_has()
    {
        CreateFinished(8);
        File.Delete(_fixture.Paths.JobFile("task-1"));
        File.Delete(_fixture.Paths.IndexFile);
        Assert.Equal(8, Store.ListJobs().Count);
        Assert.Equal(8, Store.ListJobs().Count);
    }

    [Fact]
    public void An_archive_of_a_later_version_is_left_untouched_and_jobs_go_on()
    {
        const string later = "{\"version\":2,\"jobs\":\"in another shape\"}";
        CreateFinished(6);
        File.WriteAllText(_fixture.Paths.ArchiveFile, later);
        CreateFinished(6, from: 7);
        Assert.Equal(12, Store.ListJobs().Count);
        Assert.Equal(later, File.ReadAllText(_fixture.Paths.ArchiveFile));
        Assert.Empty(_fixture.Quarantined());
    }

    [Fact]
    public void A_repair_of_the_index_mends_the_archive_too()
    {
        CreateFinished(8);
        File.WriteAllText(_fixture.Paths.ArchiveFile, "{");
        Assert.Equal(StateReadKind.Corrupt, Store.ReadIndex().Kind);
        Assert.True(Store.Repair("test", repairs => repairs.RebuildIndex(repairs.QuarantineName(_fixture.Paths.IndexFile))));
        Assert.Equal(8, Store.ReadIndex().Value!.Count);
        Assert.Equal(2, _fixture.Quarantined().Length);
    }

    private void CreateFinished(int count, int from = 1)
    {
        for (var i = from; i < from + count; i++)
            _fixture.Create($"task-{i}", JobStatus.Completed);
    }
}
