using System.Text.Json;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using Xunit;

namespace CodexCompanion.Tool.Tests.Jobs;

/// <summary>The commands about jobs on records as they are found: no process is started.</summary>
public sealed class JobCommandTests : IDisposable
{
    private static readonly ProcessIdentity Dead = new(int.MaxValue - 1, "1", new ProcessTable().Self.BootId, new ProcessTable().Self.PidNamespace);

    private readonly ToolBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task An_empty_workspace_says_so_and_nothing_is_written()
    {
        var end = await _bench.RunAsync("status");
        Assert.Equal((0, "# Codex Status\n\nSession runtime: direct startup\nReview gate: disabled\n\nNo jobs recorded yet.\n"), (end.ExitCode, end.Out));
        Assert.Equal((1, "error: No finished Codex jobs found for this session.\n"), Told(await _bench.RunAsync("result")));
        Assert.Equal((1, "error: No active Codex jobs to cancel for this session.\n"), Told(await _bench.RunAsync("cancel")));
        Assert.Equal((1, "error: There is no job task-none.\n"), Told(await _bench.RunAsync("status", "task-none")));
        Assert.False((await _bench.RunAsync("task-resume-candidate", "--json")).Json.GetProperty("available").GetBoolean());
        Assert.False(Directory.Exists(_bench.StateRootPath));
    }

    [Fact]
    public async Task Status_shows_active_jobs_in_a_table_with_actions_and_details()
    {
        _bench.Time = new ManualTime(); // The seconds that have passed are told.
        Create("task-active", job => job with { Summary = "fix | it\u001b[31m", Phase = "editing", ThreadId = "t-1", Status = JobStatus.Running, StartedAt = _bench.Time.GetUtcNow().AddSeconds(-65) });
        foreach (var line in new[] { "one", "two", "three", "four", "five" })
            _bench.Store.AppendJobLog("task-active", line);
        var text = (await _bench.RunAsync("status")).Out;
        Assert.Contains("| Job | Kind | Status | Phase | Elapsed | Codex Session ID | Summary | Actions |", text, StringComparison.Ordinal);
        Assert.Contains("| task-active | rescue | running | editing | 1m 5s | t-1 | fix \\| it [31m | `/codex:status task-active`<br>`/codex:cancel task-active` |", text, StringComparison.Ordinal);
        Assert.Contains("- task-active | running | rescue | Codex Task\n", text, StringComparison.Ordinal);
        Assert.Contains("  Resume in Codex: codex resume t-1\n", text, StringComparison.Ordinal);
        Assert.EndsWith("  Progress:\n    two\n    three\n    four\n    five\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_json_has_the_members_scripts_know()
    {
        Create("task-one", job => job with { Status = JobStatus.Completed, CompletedAt = TimeProvider.System.GetUtcNow() });
        var json = (await _bench.RunAsync("status", "--json")).Json;
        Assert.Equal(
            ["workspaceRoot", "config", "sessionRuntime", "running", "latestFinished", "recent", "needsReview", "lastStopReview"],
            json.EnumerateObject().Select(member => member.Name));
        Assert.Equal("task-one", json.GetProperty("latestFinished").GetProperty("id").GetString());
        Assert.Equal(["mode", "label", "detail", "endpoint"], json.GetProperty("sessionRuntime").EnumerateObject().Select(member => member.Name));

        var one = (await _bench.RunAsync("status", "task-one", "--wait", "--timeout-ms", "10", "--json")).Json;
        Assert.Equal(["workspaceRoot", "job", "waitTimedOut", "timeoutMs"], one.EnumerateObject().Select(member => member.Name));
        Assert.False(one.GetProperty("waitTimedOut").GetBoolean());
    }

    [Theory]
    [InlineData("-Infinity")]
    [InlineData("Infinity")]
    [InlineData("NaN")]
    [InlineData("1e400")]
    [InlineData("-1")]
    [InlineData("2592000001")]
    public async Task A_time_to_wait_that_is_none_is_refused(string time)
    {
        Create("task-one", job => job with { Status = JobStatus.Completed, CompletedAt = TimeProvider.System.GetUtcNow() });
        var end = await _bench.RunAsync("status", "task-one", "--wait", $"--timeout-ms={time}");
        Assert.Equal((2, $"error: --timeout-ms needs a number of milliseconds, up to thirty days, and got '{time}'.\n"), (end.ExitCode, end.Error));
    }

    [Fact]
    public async Task A_session_sees_its_own_jobs_and_all_shows_the_others()
    {
        Create("task-mine", job => job with { SessionId = "s1", Status = JobStatus.Completed, Rendered = "mine" });
        Create("task-other", job => job with { SessionId = "s2", Status = JobStatus.Completed, Rendered = "other", CompletedAt = TimeProvider.System.GetUtcNow().AddMinutes(1) });
        _bench.Variables["CLAUDE_CODE_SESSION_ID"] = "s1";
        var status = (await _bench.RunAsync("status")).Out;
        Assert.Contains("task-mine", status, StringComparison.Ordinal);
        Assert.DoesNotContain("task-other", status, StringComparison.Ordinal);
        Assert.Contains("task-other", (await _bench.RunAsync("status", "--all")).Out, StringComparison.Ordinal);
        Assert.Equal("mine\n", (await _bench.RunAsync("result")).Out);
        Assert.Equal("other\n", (await _bench.RunAsync("result", "task-other")).Out);
    }

    [Fact]
    public async Task A_job_whose_process_is_gone_is_marked_by_whoever_reads_it()
    {
        Create("task-ghost", job => job with { Status = JobStatus.Running, Process = Dead, Pid = Dead.Pid, ThreadId = "t" });
        _bench.Store.AppendJobLog("task-ghost", "Running: make");
        await _bench.RunAsync("status");
        var job = _bench.Store.ReadJob("task-ghost").Value!;
        Assert.Equal((JobStatus.Failed, "worker-lost", ExitCodes.Lost), (job.Status, job.ErrorCode, job.ExitCode));
        Assert.Contains("The last line of its log: Running: make", job.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal((1, "error: No active Codex jobs to cancel for this session.\n"), Told(await _bench.RunAsync("cancel")));
        Assert.Equal("task-ghost", (await _bench.RunAsync("task-resume-candidate", "--json")).Json.GetProperty("candidate").GetProperty("id").GetString());
    }

    [Fact]
    public async Task One_that_was_told_to_stop_before_its_process_went_was_cancelled()
    {
        var asked = TimeProvider.System.GetUtcNow();
        Create("task-ghost", job => job with { Status = JobStatus.Running, Process = Dead, Pid = Dead.Pid, CancelRequestedAt = asked });
        await _bench.RunAsync("status");
        var job = _bench.Store.ReadJob("task-ghost").Value!;
        Assert.Equal((JobStatus.Cancelled, "cancelled", "cancelled", ExitCodes.Cancelled), (job.Status, job.Phase, job.ErrorCode, job.ExitCode));
        Assert.Equal($"The job was cancelled; process {Dead.Pid} ended before it could record how.", job.ErrorMessage);
    }

    [Fact]
    public async Task A_job_whose_process_cannot_be_looked_at_is_left_alone()
    {
        Create("task-far", job => job with { Status = JobStatus.Running, Process = Dead with { PidNamespace = "pid:[1]" }, Pid = 4711 });
        await _bench.RunAsync("status");
        Assert.Equal(JobStatus.Running, _bench.Store.ReadJob("task-far").Value!.Status);
    }

    [Fact]
    public async Task A_queued_job_is_cancelled_by_its_record_alone()
    {
        Create("task-queued", job => job);
        var end = await _bench.RunAsync("cancel", "--json");
        Assert.Equal(0, end.ExitCode);
        Assert.Equal(["jobId", "status", "title", "turnInterruptAttempted", "turnInterrupted", "proof"], end.Json.EnumerateObject().Select(member => member.Name));
        Assert.False(end.Json.GetProperty("turnInterruptAttempted").GetBoolean());
        Assert.Equal(JobStatus.Cancelled, _bench.Store.ReadJob("task-queued").Value!.Status);
    }

    [Fact]
    public async Task A_cancel_that_comes_after_the_end_changes_nothing()
    {
        Create("task-done", job => job with { Status = JobStatus.Completed, Rendered = "text" });
        var end = await _bench.RunAsync("cancel", "task-done");
        Assert.Equal(1, end.ExitCode);
        Assert.Contains("has ended already: it is completed", end.Error, StringComparison.Ordinal);
        Assert.Equal(JobStatus.Completed, _bench.Store.ReadJob("task-done").Value!.Status);
    }

    [Fact]
    public async Task The_begin_of_an_id_will_do_unless_it_fits_several()
    {
        Create("task-abc", job => job with { Status = JobStatus.Completed, Rendered = "abc" });
        Create("task-abd", job => job with { Status = JobStatus.Completed, Rendered = "abd" });
        Assert.Equal("abc\n", (await _bench.RunAsync("result", "task-abc")).Out);
        Assert.Contains("\"task-ab\" fits 2 jobs: ", (await _bench.RunAsync("result", "task-ab")).Error, StringComparison.Ordinal);
        Assert.Contains("There is no job ../../x", (await _bench.RunAsync("result", "../../x")).Error, StringComparison.Ordinal);
        Assert.Equal((ExitCodes.Usage, "error: A job's id is empty.\nhint: Leave the word out to mean the newest job that fits.\n"), Told(await _bench.RunAsync("cancel", "")));
    }

    [Fact]
    public async Task Result_tells_why_a_job_has_none()
    {
        Create("task-bad", job => job with { Status = JobStatus.Failed, Rendered = "half", ErrorMessage = "No more quota.", ThreadId = "t-9" });
        var end = await _bench.RunAsync("result");
        Assert.Equal("half\n\nFailed: No more quota.\n\nCodex session ID: t-9\nResume in Codex: codex resume t-9\n", end.Out);
    }

    [Fact]
    public async Task Waiting_for_no_job_in_particular_takes_one_that_was_too_quick()
    {
        Create("task-seen", job => job with { Status = JobStatus.Completed, Rendered = "seen", CollectedAt = TimeProvider.System.GetUtcNow() });
        Create("task-quick", job => job with { Status = JobStatus.Failed, ErrorMessage = "No more quota.", ExitCode = ExitCodes.Quota, CreatedAt = TimeProvider.System.GetUtcNow().AddSeconds(-1) });
        var end = await _bench.RunAsync("wait");
        Assert.Equal((ExitCodes.Quota, "Failed: No more quota.\n"), (end.ExitCode, end.Out));
        Assert.Equal((1, "error: No active Codex jobs to wait for in this session.\n"), Told(await _bench.RunAsync("wait")));
    }

    [Fact]
    public async Task Prune_removes_what_is_old_and_collected_and_nothing_else()
    {
        var old = TimeProvider.System.GetUtcNow().AddDays(-20);
        Create("task-old", job => job with { Status = JobStatus.Completed, CreatedAt = old, CompletedAt = old, CollectedAt = old });
        Create("task-kept", job => job with { Status = JobStatus.Completed, CreatedAt = old, CompletedAt = old });
        Create("task-active", job => job with { Status = JobStatus.Running, CreatedAt = old, CollectedAt = old, Process = new ProcessTable().Self });
        _bench.Store.AppendJobLog("task-old", "x");
        Assert.Contains("1 would be removed", (await _bench.RunAsync("prune", "--dry-run")).Out, StringComparison.Ordinal);
        Assert.True(File.Exists(_bench.Store.Paths.JobFile("task-old")));

        var json = (await _bench.RunAsync("prune", "--json")).Json;
        Assert.Equal("task-old", json.GetProperty("workspaces")[0].GetProperty("removed")[0].GetString());
        Assert.Equal(["task-active.json", "task-kept.json"], Directory.GetFiles(_bench.Store.Paths.JobsDirectory).Select(Path.GetFileName).Order());
        Assert.Equal(2, _bench.Store.ListJobs().Count);
    }

    private static (int ExitCode, string Error) Told(ToolEnd end) => (end.ExitCode, end.Error);

    [Fact]
    public async Task A_result_that_cannot_be_recovered_is_tried_for_once_however_long_others_are_waited_for()
    {
        _bench.Variables["CODEX_COMPANION_CODEX"] = Path.Combine(_bench.Root, "no-codex");
        var request = JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["prompt"] = "p", ["cwd"] = _bench.Work, ["sandbox"] = "read-only" });
        Create("task-lost", job => job with { Status = JobStatus.Running, Process = Dead, Pid = Dead.Pid, ThreadId = "t", Request = request });
        Create("task-runs", job => job with { Status = JobStatus.Running, Process = new ProcessTable().Self });
        var end = await _bench.RunAsync("wait", "task-lost", "task-runs", "--timeout", "500ms");
        Assert.Equal(ExitCodes.StillRunning, end.ExitCode);
        var log = await File.ReadAllLinesAsync(_bench.Store.Paths.JobLog("task-lost"));
        Assert.Single(log, line => line.Contains("could not be recovered", StringComparison.Ordinal));
    }

    private void Create(string id, Func<JobRecord, JobRecord> change) => _bench.Store.CreateJob(change(new JobRecord
    {
        Id = id,
        Kind = "rescue",
        Title = "Codex Task",
        JobClass = "task",
        WorkspaceRoot = _bench.Work,
        CreatedAt = TimeProvider.System.GetUtcNow(),
    }));
}
