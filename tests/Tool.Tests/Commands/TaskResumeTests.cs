using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using Xunit;

namespace CodexCompanion.Tool.Tests.Commands;

public sealed class TaskResumeTests : IDisposable
{
    private readonly ToolBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("--resume")]
    [InlineData("--resume-last")]
    public async Task With_nothing_to_continue_it_says_so(string option)
    {
        var end = await _bench.RunAsync("task", option, "x");
        Assert.Equal(1, end.ExitCode);
        Assert.Equal("error: No previous Codex task thread was found for this repository.\n", end.Error);
        Assert.Null(_bench.Run.Request);
        Assert.Empty(_bench.Store.ListJobs());
    }

    [Fact]
    public async Task The_newest_finished_task_with_a_thread_is_continued()
    {
        Record("task-old", "T-old", JobStatus.Completed, minute: 1);
        Record("task-new", "T-new", JobStatus.Failed, minute: 3);
        Record("task-threadless", null, JobStatus.Completed, minute: 4);
        Record("review-newer", "T-review", JobStatus.Completed, minute: 5);
        Assert.Equal("T-new", await ThreadAsync());
    }

    [Fact]
    public async Task It_is_the_end_that_counts_not_the_start()
    {
        Record("task-long", "T-long", JobStatus.Completed, minute: 9, begun: 1);
        Record("task-short", "T-short", JobStatus.Completed, minute: 3, begun: 2);
        Assert.Equal("T-long", await ThreadAsync());
    }

    [Fact]
    public async Task In_a_session_only_its_own_threads_are_continued()
    {
        Record("task-mine", "T-mine", JobStatus.Completed, minute: 1, session: "mine");
        Record("task-other", "T-other", JobStatus.Completed, minute: 2, session: "other");
        Assert.Equal("T-other", await ThreadAsync());

        _bench.Variables["CLAUDE_CODE_SESSION_ID"] = "mine";
        Assert.Equal("T-mine", await ThreadAsync());

        _bench.Variables["CLAUDE_CODE_SESSION_ID"] = "third";
        Assert.Equal(1, (await _bench.RunAsync("task", "--resume", "x")).ExitCode);
    }

    [Fact]
    public async Task A_run_that_was_killed_can_be_continued()
    {
        var self = new ProcessTable().Self;
        Record("task-killed", "T-killed", JobStatus.Running, minute: 1, process: self with { StartTime = self.StartTime + "1" });
        Assert.Equal("T-killed", await ThreadAsync());
        var job = _bench.Store.ReadJob("task-killed").Value!;
        Assert.Equal((JobStatus.Failed, JobErrorCodes.WorkerLost, 7), (job.Status, job.ErrorCode, job.ExitCode));
    }

    [Fact]
    public async Task A_run_that_still_goes_on_is_not_touched()
    {
        Record("task-running", "T-running", JobStatus.Running, minute: 1, process: new ProcessTable().Self);
        Record("task-unknown", "T-unknown", JobStatus.Running, minute: 1, process: null);
        Assert.Equal(1, (await _bench.RunAsync("task", "--resume", "x")).ExitCode);
        Assert.All(_bench.Store.ListJobs(), job => Assert.Equal(JobStatus.Running, job.Status));
    }

    [Fact]
    public async Task What_a_task_left_is_continued_by_the_next()
    {
        Assert.Equal(0, (await _bench.RunAsync("task", "one")).ExitCode);
        Assert.Equal(FakeTurnRun.Thread, await ThreadAsync());
        Assert.Equal(["Codex Resume", "Codex Task"], _bench.Store.ListJobs().Select(job => job.Title).Order(StringComparer.Ordinal));
    }

    private async Task<string?> ThreadAsync()
    {
        // Leaves no trace that the next call could find.
        _bench.Run.Script = (_, _, _) => Task.FromResult<Outcome>(new Outcome.Failed(FailureKind.ThreadNotFound, "Gone."));
        await _bench.RunAsync("task", "--resume", "x");
        return _bench.Run.Request?.ThreadId;
    }

    private void Record(
        string id, string? thread, JobStatus status, int minute, string? session = null, int begun = 0, ProcessIdentity? process = null)
    {
        // Of today: what is older than retention allows would be removed by the run itself.
        var hour = TimeProvider.System.GetUtcNow().AddHours(-1);
        var store = _bench.Store;
        store.EnsureCreated();
        store.CreateJob(new JobRecord
        {
            Id = id,
            JobClass = id.Split('-')[0],
            ThreadId = thread,
            Status = status,
            SessionId = session,
            Process = process,
            CreatedAt = hour.AddMinutes(begun),
            UpdatedAt = hour.AddMinutes(minute),
            CompletedAt = status == JobStatus.Running ? null : hour.AddMinutes(minute),
        });
    }
}
