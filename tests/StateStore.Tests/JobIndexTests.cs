using CodexCompanion.StateStore.Records;
using CodexCompanion.StateStore.Tests.Support;

namespace CodexCompanion.StateStore.Tests;

public sealed class JobIndexTests : IDisposable
{
    private readonly StoreFixture _fixture = new();

    private FileStateStore Store => _fixture.Store;

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("{\"version\":1,\"jobs\":[{\"id\":\"task-1\"")]
    [InlineData("{\"jobs\":null}")]
    [InlineData("{\"version\":1,\"jobs\":{}}")]
    [InlineData("\0\0\0")]
    [InlineData("[]")]
    public void A_torn_index_is_set_aside_and_rebuilt_from_the_job_files_in_the_same_call(string content)
    {
        _fixture.Create("task-1");
        _fixture.Create("task-2", JobStatus.Failed);
        _fixture.WriteIndex(content);
        Assert.Equal(["task-2", "task-1"], _fixture.Listed());
        var aside = Assert.Single(_fixture.Quarantined());
        Assert.StartsWith("jobs.json.2026", aside, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(Path.Combine(_fixture.Paths.QuarantineDirectory, aside)));
        Assert.Contains("task-2", File.ReadAllText(_fixture.Paths.IndexFile), StringComparison.Ordinal);
        Assert.Equal(["task-2", "task-1"], _fixture.Listed());
        Assert.Single(_fixture.Quarantined());
    }

    [Fact]
    public void An_index_without_its_list_is_an_empty_one()
    {
        _fixture.WriteIndex("{\"version\":1}");
        Assert.Empty(Store.ListJobs());
        _fixture.Create("task-1");
        Assert.Equal(["task-1"], _fixture.Listed());
    }

    [Fact]
    public void A_half_readable_index_keeps_its_good_entries()
    {
        _fixture.WriteIndex("""{"version":1,"jobs":[{"id":"task-a","status":"completed","title":"only here"},{"id":"task-b","status":"odd"},{"id":"task-c","status":"failed"}]}""");
        Assert.Equal(["task-c", "task-a"], _fixture.Listed());
        Assert.Single(_fixture.Quarantined());
    }

    [Fact]
    public void The_job_file_wins_over_a_salvaged_entry()
    {
        _fixture.Create("task-1", JobStatus.Completed);
        _fixture.WriteIndex("""{"version":1,"jobs":[{"id":"task-1","status":"running"},{""");
        Assert.Equal(JobStatus.Completed, Assert.Single(Store.ListJobs()).Status);
    }

    [Fact]
    public async Task A_change_that_looks_at_other_jobs_repairs_the_index_in_its_own_writing()
    {
        _fixture.Create("task-a");
        _fixture.WriteIndex("{torn");
        string[] seen = [];

        await Task.Run(() => _fixture.Store.UpdateJob("task-a", job =>
        {
            seen = _fixture.Listed();
            return job with { Status = JobStatus.Running };
        })).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(["task-a"], seen);
        Assert.Single(_fixture.Quarantined());
        Assert.Equal(JobStatus.Running, Assert.Single(_fixture.Store.ReadIndex().Value!).Status);
    }

    [Fact]
    public void A_lost_index_is_rebuilt_by_the_next_reader_and_by_the_next_writer()
    {
        _fixture.Create("task-1");
        File.Delete(_fixture.Paths.IndexFile);
        Assert.Equal(["task-1"], _fixture.Listed());
        Assert.True(File.Exists(_fixture.Paths.IndexFile));

        File.Delete(_fixture.Paths.IndexFile);
        _fixture.Create("task-2");
        Assert.Equal(["task-2", "task-1"], _fixture.Listed());
        Assert.Empty(_fixture.Quarantined());
    }

    [Fact]
    public void A_writer_that_meets_a_torn_index_sets_it_aside_too()
    {
        _fixture.Create("task-1");
        _fixture.WriteIndex("{");
        _fixture.Create("task-2");
        Assert.Single(_fixture.Quarantined());
        Assert.Equal(["task-2", "task-1"], _fixture.Listed());
    }

    [Fact]
    public void A_folder_or_a_pipe_in_its_place_is_set_aside()
    {
        _fixture.Create("task-1");
        File.Delete(_fixture.Paths.IndexFile);
        Directory.CreateDirectory(_fixture.Paths.IndexFile);
        Assert.Equal(["task-1"], _fixture.Listed());
        File.Delete(_fixture.Paths.IndexFile);
        Shell.MakePipe(_fixture.Paths.IndexFile);
        Assert.Equal(["task-1"], _fixture.Listed());
        Assert.Equal(2, _fixture.Quarantined().Length);
    }

    [Fact]
    public void Job_files_that_cannot_be_read_are_left_where_they_are()
    {
        _fixture.Create("task-1");
        File.WriteAllText(_fixture.Paths.JobFile("task-bad"), "{");
        File.WriteAllText(Path.Combine(_fixture.Paths.JobsDirectory, "notes.json"), "{}");
        File.WriteAllText(Path.Combine(_fixture.Paths.JobsDirectory, ".task-1.json.1-ab.tmp"), "{}");
        Directory.CreateDirectory(_fixture.Paths.JobFile("task-folder"));
        File.Delete(_fixture.Paths.IndexFile);
        Assert.Equal(["task-1"], _fixture.Listed());
        Assert.Equal(5, Directory.EnumerateFileSystemEntries(_fixture.Paths.JobsDirectory).Count());
    }

    [Fact]
    public void No_writer_deletes_files_of_jobs_that_its_index_lacks()
    {
        _fixture.Create("task-1");
        _fixture.Create("task-2");
        _fixture.WriteIndex("""{"version":1,"jobs":[{"id":"task-2","status":"queued"}]}""");
        Store.UpdateJob("task-2", job => job with { Status = JobStatus.Completed });
        Assert.Equal(StateReadKind.Ok, Store.ReadJob("task-1").Kind);
    }

    [Fact]
    public void An_index_of_a_later_version_is_left_untouched_and_jobs_go_on()
    {
        const string later = "{\"version\":2,\"jobs\":\"in another shape\"}";
        _fixture.Create("task-1");
        _fixture.WriteIndex(later);
        _fixture.Create("task-2");
        Assert.Equal(JobStatus.Completed, Store.UpdateJob("task-1", job => job with { Status = JobStatus.Completed }).Value!.Status);
        Assert.Equal(["task-2", "task-1"], _fixture.Listed());
        Assert.Equal(JobStatus.Completed, Store.ReadJob("task-1").Value!.Status);
        Assert.Equal(later, File.ReadAllText(_fixture.Paths.IndexFile));
        Assert.Empty(_fixture.Quarantined());
    }

    [Fact]
    public void A_foreign_index_is_left_untouched_and_jobs_go_on()
    {
        _fixture.Create("task-1");
        var before = File.ReadAllText(_fixture.Paths.IndexFile);
        var store = _fixture.Another(DiskWithFacts.WithForeign(_fixture.Paths.IndexFile));
        store.CreateJob(new JobRecord { Id = "task-2" });
        Assert.Equal(2, store.ListJobs().Count);
        Assert.Equal(before, File.ReadAllText(_fixture.Paths.IndexFile));
    }

    [Fact]
    public void A_reader_that_may_not_write_still_gets_the_jobs()
    {
        _fixture.Create("task-1");
        _fixture.WriteIndex("{");
        Directory.Delete(_fixture.Paths.LocksDirectory, recursive: true);
        File.WriteAllText(_fixture.Paths.LocksDirectory, "no folder");
        Assert.Equal(["task-1"], [.. _fixture.Another().ListJobs().Select(job => job.Id)]);
        Assert.Equal("{", File.ReadAllText(_fixture.Paths.IndexFile));
    }

    [Fact]
    public async Task Rebuilds_at_the_same_time_set_the_index_aside_once()
    {
        for (var i = 0; i < 20; i++)
            _fixture.Create($"task-{i}");
        _fixture.WriteIndex("{\"version\":1,\"jobs\":[");
        using var start = new ManualResetEventSlim();
        var readers = Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            start.Wait();
            return _fixture.Another().ListJobs().Count;
        })).ToList();
        start.Set();
        Assert.All(await Task.WhenAll(readers), count => Assert.Equal(20, count));
        Assert.Single(_fixture.Quarantined());
    }
}
