using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Records;
using CodexCompanion.StateStore.Tests.Support;

namespace CodexCompanion.StateStore.Tests;

public sealed class JobTests : IDisposable
{
    private readonly StoreFixture _fixture = new();

    private FileStateStore Store => _fixture.Store;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Reading_creates_nothing()
    {
        Assert.Empty(Store.ListJobs());
        Assert.Equal(StateReadKind.Missing, Store.ReadJob("task-1").Kind);
        Assert.Equal(StateReadKind.Missing, Store.ReadBroker().Kind);
        Assert.Equal(StateReadKind.Missing, Store.ReadConfig().Kind);
        Assert.Equal(StateReadKind.Missing, Store.UpdateJob("task-1", job => job with { Title = "x" }).Kind);
        Assert.False(Store.WithdrawBroker("b1"));
        Assert.Null(Store.SetBrokerAside());
        Assert.False(Directory.Exists(_fixture.Root));
    }

    [Fact]
    public void All_folders_are_private_and_all_files_too()
    {
        _fixture.Create("task-1");
        Store.AppendJobLog("task-1", "x");
        Store.UpdateConfig(config => config with { StopReviewGate = true });
        Store.PublishBroker(TestProcesses.JobActions.Broker("b1"));
        using var held = ((LockAttempt.Acquired)Store.Lock(StateLock.Broker).TryAcquire("x")).Lock;
        var entries = new DirectoryInfo(_fixture.Root).GetFileSystemInfos("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None });
        Assert.Equal(NativeDisk.PrivateFolder, File.GetUnixFileMode(_fixture.Root));
        Assert.Contains(entries, entry => entry.Name == "jobs.json");
        Assert.All(entries, entry => Assert.Equal(entry is DirectoryInfo ? NativeDisk.PrivateFolder : NativeDisk.PrivateFile, entry.UnixFileMode));
    }

    [Fact]
    public void Nothing_but_records_and_logs_lies_among_the_jobs()
    {
        _fixture.Create("task-1");
        Store.UpdateJob("task-1", job => job with { Status = JobStatus.Running });
        Store.AppendJobLog("task-1", "x");
        Assert.Equal(["task-1.json", "task-1.log"], Directory.EnumerateFileSystemEntries(_fixture.Paths.JobsDirectory).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Jobs_are_listed_newest_first()
    {
        _fixture.Create("task-b");
        _fixture.Create("task-a");
        _fixture.Create("review-c");
        Assert.Equal(["review-c", "task-a", "task-b"], _fixture.Listed());
    }

    [Fact]
    public void An_id_is_taken_only_once_and_must_be_one()
    {
        _fixture.Create("task-1", JobStatus.Completed);
        Assert.Equal(StateFailure.InvalidJob, Assert.Throws<StateStoreException>(() => Store.CreateJob(new JobRecord { Id = "task-1" })).Failure);
        Assert.Equal(StateFailure.InvalidJob, Assert.Throws<StateStoreException>(() => Store.CreateJob(new JobRecord { Id = "../task-1" })).Failure);
        Assert.Equal(JobStatus.Completed, Store.ReadJob("task-1").Value!.Status);
    }

    [Fact]
    public void A_users_word_that_is_no_id_names_no_job()
    {
        _fixture.Create("task-1");
        Assert.Equal(StateReadKind.Missing, Store.ReadJob("../jobs").Kind);
        Assert.Equal(StateReadKind.Missing, Store.UpdateJob("../jobs", job => job).Kind);
    }

    [Fact]
    public void The_index_changes_with_the_status_and_not_with_progress()
    {
        _fixture.Create("task-1");
        var before = File.ReadAllText(_fixture.Paths.IndexFile);
        Store.UpdateJob("task-1", job => job with { Phase = "editing", ThreadId = "t" });
        Assert.Equal(before, File.ReadAllText(_fixture.Paths.IndexFile));
        Store.UpdateJob("task-1", job => job with { Status = JobStatus.Completed });
        Assert.NotEqual(before, File.ReadAllText(_fixture.Paths.IndexFile));
    }

    [Fact]
    public void A_list_shows_the_progress_of_active_jobs_without_their_bulk()
    {
        _fixture.Create("task-1");
        Store.UpdateJob("task-1", job => job with { Phase = "editing", Rendered = "bulk" });
        var job = Assert.Single(Store.ListJobs());
        Assert.Equal(("editing", null), (job.Phase, job.Rendered));
    }

    [Fact]
    public void No_change_writes_nothing()
    {
        var before = _fixture.Create("task-1");
        _fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        var after = Store.UpdateJob("task-1", job => job);
        Assert.Equal(before.UpdatedAt, after.Value!.UpdatedAt);
        Assert.Equal(before.UpdatedAt, Store.ReadJob("task-1").Value!.UpdatedAt);
    }

    [Fact]
    public void A_late_worker_gets_the_cancelled_record_back()
    {
        _fixture.Create("task-1", JobStatus.Running);
        Store.UpdateJob("task-1", job => job with { Status = JobStatus.Cancelled });
        var late = Store.UpdateJob("task-1", job => job with { Status = JobStatus.Completed, Rendered = "late" });
        Assert.Equal((JobStatus.Cancelled, null), (late.Value!.Status, late.Value.Rendered));
        Assert.Equal(JobStatus.Cancelled, Store.ReadJob("task-1").Value!.Status);
        Assert.Equal(JobStatus.Cancelled, Assert.Single(Store.ListJobs()).Status);
    }

    [Fact]
    public void The_end_of_a_job_removes_others_and_reads_the_index_no_more_often_for_it()
    {
        var disk = new CountingDisk();
        var store = _fixture.Another(disk);
        foreach (var id in (string[])["task-1", "task-2", "task-active"])
            _fixture.Create(id, JobStatus.Running);
        Store.UpdateJob("task-1", job => job with { Status = JobStatus.Completed });

        disk.Begin();
        store.EndJob("task-2", job => job with { Status = JobStatus.Completed }, jobs => jobs.Select(job => job.Id));
        Assert.Equal(3, disk.Read.Files); // The job, the index, and the one that goes: it might not be finished.
        Assert.Equal(["task-active", "task-2"], _fixture.Listed());
        Assert.False(File.Exists(_fixture.Paths.JobFile("task-1")));
    }

    [Fact]
    public void What_cannot_be_removed_does_not_cost_a_job_its_end()
    {
        foreach (var id in (string[])["task-1", "task-2", "task-3"])
            _fixture.Create(id, JobStatus.Completed);
        _fixture.Create("task-4", JobStatus.Running);
        Directory.CreateDirectory(_fixture.Paths.JobLog("task-2")); // No file, and no deletion.
        Assert.Equal(JobStatus.Completed, Store.EndJob("task-4", job => job with { Status = JobStatus.Completed }, _ => ["task-1", "task-2", "task-3"]).Value!.Status);
        Assert.Equal(JobStatus.Completed, Store.ReadJob("task-4").Value!.Status);
        Assert.Equal(StateReadKind.Ok, Store.ReadJob("task-2").Kind);
    }

    [Fact]
    public void An_end_that_is_none_removes_nothing()
    {
        _fixture.Create("task-1", JobStatus.Completed);
        _fixture.Create("task-2", JobStatus.Cancelled);
        Store.EndJob("task-2", job => job with { Status = JobStatus.Completed }, _ => ["task-1"]);
        Assert.Equal(["task-2", "task-1"], _fixture.Listed());
    }

    [Fact]
    public void A_collected_result_shows_in_the_list()
    {
        _fixture.Create("task-1", JobStatus.Completed);
        Store.UpdateJob("task-1", job => job with { CollectedAt = _fixture.Clock.GetUtcNow() });
        Assert.Equal(_fixture.Clock.GetUtcNow(), Assert.Single(Store.ListJobs()).CollectedAt);
    }

    [Theory]
    [InlineData("{", StateReadKind.Corrupt)]
    [InlineData("{\"version\":9}", StateReadKind.TooNew)]
    public void A_job_that_cannot_be_understood_is_not_overwritten(string content, StateReadKind kind)
    {
        _fixture.Create("task-1");
        File.WriteAllText(_fixture.Paths.JobFile("task-1"), content);
        var update = Store.UpdateJob("task-1", job => job with { Status = JobStatus.Completed });
        Assert.Equal(kind, update.Kind);
        Assert.NotNull(update.Detail);
        Assert.Equal(content, File.ReadAllText(_fixture.Paths.JobFile("task-1")));
        Assert.Equal(["task-1"], _fixture.Listed());
    }

    [Fact]
    public void A_job_that_only_the_index_knows_can_be_listed_and_changed()
    {
        _fixture.WriteIndex("""{"jobs":[{"id":"task-old","status":"running"}]}""");
        Assert.Equal(["task-old"], _fixture.Listed());
        Assert.Equal(JobStatus.Failed, Store.UpdateJob("task-old", job => job with { Status = JobStatus.Failed }).Value!.Status);
        Assert.Equal(JobStatus.Failed, Store.ReadJob("task-old").Value!.Status);
    }

    [Fact]
    public void A_change_must_not_rename_a_job()
    {
        _fixture.Create("task-1");
        Assert.Throws<ArgumentException>(() => Store.UpdateJob("task-1", job => job with { Id = "task-2" }));
    }

    [Fact]
    public async Task A_state_lock_that_is_never_released_gives_up_and_names_the_holder()
    {
        _fixture.Create("task-1");
        using var holder = new TestProcess("hold-lock", _fixture.Paths.LockFile(StateLock.State));
        Assert.Equal("held", await holder.ReadLineAsync());
        var refused = Assert.Throws<StateStoreException>(() => Store.UpdateJob("task-1", job => job with { Phase = "x" }));
        Assert.Equal(StateFailure.LockTimeout, refused.Failure);
        Assert.Contains($"{holder.Id}", refused.Message, StringComparison.Ordinal);
        Assert.Equal(StateReadKind.Ok, Store.ReadJob("task-1").Kind); // Readers never wait.
        Assert.Single(Store.ListJobs());
    }

    [Fact]
    public void A_foreign_or_linked_state_directory_is_refused_with_one_sentence()
    {
        var foreign = _fixture.Another(DiskWithFacts.WithForeign(_fixture.Paths.Directory));
        Assert.Contains("belongs to user", Assert.Throws<StateStoreException>(() => foreign.CreateJob(new JobRecord { Id = "task-1" })).Message, StringComparison.Ordinal);

        Directory.Delete(_fixture.Paths.Directory, recursive: true);
        Directory.CreateSymbolicLink(_fixture.Paths.Directory, _fixture.WorkspaceFolder);
        var refused = Assert.Throws<StateStoreException>(() => Store.CreateJob(new JobRecord { Id = "task-1" }));
        Assert.Equal(StateFailure.Folder, refused.Failure);
        Assert.Equal([".git"], Directory.EnumerateFileSystemEntries(_fixture.WorkspaceFolder).Select(Path.GetFileName));
    }
}
