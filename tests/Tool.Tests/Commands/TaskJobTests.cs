using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using Xunit;

namespace CodexCompanion.Tool.Tests.Commands;

/// <summary>What a foreground run leaves in its job.</summary>
public sealed class TaskJobTests : IDisposable
{
    // Far longer than any of these takes: a test that hangs fails instead.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ToolBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task The_job_is_durable_before_the_run_and_the_thread_as_soon_as_it_is_known()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        JobRecord? atStart = null;
        _bench.Run.Script = async (request, observer, _) =>
        {
            atStart = _bench.Store.ReadJob(request.JobId).Value;
            FakeTurnRun.TellOfThread(observer);
            observer.On(new RunEvent.Progress("editing", "Editing a.cs"));
            started.SetResult();
            await go.Task;
            return new Outcome.Completed(FakeTurnRun.Result());
        };
        var run = _bench.RunAsync("task", "--write", "--effort", "high", "fix the bug");
        await started.Task.WaitAsync(Patience);

        Assert.NotNull(atStart);
        Assert.Equal(new ProcessTable().Self, atStart.Process);
        Assert.Equal(Environment.ProcessId, atStart.Pid);
        Assert.Equal(("rescue", "rescue", "task", "Codex Task", "fix the bug"), (atStart.Kind, atStart.KindLabel, atStart.JobClass, atStart.Title, atStart.Summary));
        Assert.Equal((_bench.Work, _bench.Work, true, "workspace-write", "high"), (atStart.WorkspaceRoot, atStart.Cwd, atStart.Write, atStart.Sandbox, atStart.Effort));
        Assert.Equal("fix the bug", atStart.Request?.GetProperty("prompt").GetString());

        await UntilAsync(() => _bench.Job is { Status: JobStatus.Running, ThreadId: FakeTurnRun.Thread, TurnId: FakeTurnRun.Turn, Phase: "editing" });
        Assert.NotNull(_bench.Job.StartedAt);
        go.SetResult();
        Assert.Equal(0, (await run).ExitCode);

        var job = _bench.Job;
        Assert.Equal((JobStatus.Completed, "done", 0), (job.Status, job.Phase, job.ExitCode));
        Assert.Equal(("All done.", "gpt-5.2", "medium"), (job.Rendered, job.Model, job.Effort));
        Assert.Equal(["src/a.cs"], job.TouchedFiles);
        Assert.Equal("All done.", job.Result?.GetProperty("rawOutput").GetString());
        Assert.NotNull(job.CompletedAt);
        Assert.NotNull(job.CollectedAt);
        Assert.Null(job.Pid);
        Assert.Null(job.ErrorCode);
    }

    [Fact]
    public async Task The_log_has_progress_blocks_notes_and_the_trail_each_with_its_time()
    {
        _bench.Run.Script = (_, observer, _) =>
        {
            FakeTurnRun.TellOfThread(observer);
            observer.On(new RunEvent.Progress("investigating", "Running command: ls"));
            observer.On(new RunEvent.Block("Assistant message", "First line\nSecond line"));
            observer.On(new RunEvent.Note("Recovered."));
            observer.On(new RunEvent.Trail(new TrailEntry("Execute", TimeSpan.FromMilliseconds(12.34), "done", null)));
            return Task.FromResult<Outcome>(new Outcome.Completed(FakeTurnRun.Result()));
        };
        await _bench.RunAsync("task", "x");
        var lines = _bench.JobLog.TrimEnd('\n').Split('\n');
        string[] expected =
        [
            "Thread ready (0199a213-81c0-7800-8aa1-bbab2a035a53).", "Turn started (0199a213-81c0-7800-8aa1-bbab2a035a54).",
            "Running command: ls", "Assistant message", "    First line", "    Second line", "note: Recovered.", "[Execute] done, 12.3 ms",
        ];
        Assert.Equal(expected, lines.Select(line => HasTime(line) ? line[(line.IndexOf(']', StringComparison.Ordinal) + 2)..] : line));
        Assert.Equal(6, lines.Count(HasTime));
        Assert.Equal(["Recovered."], _bench.Job.RecoveryNotes);
    }

    [Fact]
    public async Task Somebody_s_cancel_is_not_overwritten()
    {
        _bench.Run.Script = (request, observer, _) =>
        {
            FakeTurnRun.TellOfThread(observer);
            _bench.Store.UpdateJob(request.JobId, job => job with { Status = JobStatus.Cancelled });
            return Task.FromResult<Outcome>(new Outcome.Completed(FakeTurnRun.Result()));
        };
        await _bench.RunAsync("task", "x");
        Assert.Equal(JobStatus.Cancelled, _bench.Job.Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_state_that_can_no_longer_be_written_does_not_cost_the_result_and_is_told(bool json)
    {
        _bench.Run.Script = (_, observer, _) =>
        {
            Directory.Move(_bench.StateRootPath, _bench.StateRootPath + "-gone");
            File.WriteAllText(_bench.StateRootPath, "in the way");
            FakeTurnRun.TellOfThread(observer);
            return Task.FromResult<Outcome>(new Outcome.Completed(FakeTurnRun.Result()));
        };
        var end = await _bench.RunAsync(json ? ["task", "--json", "x"] : ["task", "x"]);
        Assert.Equal(0, end.ExitCode);
        const string told = "The job could not be recorded in full: ";
        if (json)
        {
            Assert.Equal("All done.", end.Json.GetProperty("rawOutput").GetString());
            Assert.StartsWith(told, Assert.Single(end.Json.GetProperty("recoveryNotes").EnumerateArray()).GetString(), StringComparison.Ordinal);
            return;
        }

        Assert.Equal("All done.\n", end.Out);
        Assert.Contains("note: " + told, end.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, 130)]
    [InlineData(15, 143)]
    [InlineData(1, 129)]
    public async Task A_signal_stops_the_turn_records_it_and_gives_the_exit_code(int signal, int exitCode)
    {
        _bench.Run.Script = async (_, observer, stop) =>
        {
            FakeTurnRun.TellOfThread(observer);
            _bench.Signals.Send(signal);
            await Task.Delay(Patience, stop).ContinueWith(_ => { }, TaskScheduler.Default);
            Assert.True(stop.IsCancellationRequested);
            return new Outcome.Cancelled(new StopProof(InterruptSent: true, TurnEnded: true, [], "Interrupted.")) { Result = FakeTurnRun.Result("Half") };
        };
        var end = await _bench.RunAsync("task", "x");
        Assert.Equal(exitCode, end.ExitCode);
        Assert.Contains("error: The task was cancelled.\nhint: To continue: ", end.Error, StringComparison.Ordinal);
        Assert.Empty(end.OutBytes);
        Assert.Equal((JobStatus.Cancelled, "cancelled", exitCode, "Half"), (_bench.Job.Status, _bench.Job.ErrorCode, _bench.Job.ExitCode, _bench.Job.Rendered));
    }

    [Fact]
    public async Task A_signal_is_recorded_before_the_run_has_ended_since_a_second_one_ends_the_process()
    {
        JobRecord? meanwhile = null;
        _bench.Run.Script = async (_, observer, _) =>
        {
            FakeTurnRun.TellOfThread(observer);
            _bench.Signals.Send(2);
            using var limit = new CancellationTokenSource(Patience);
            while ((meanwhile = _bench.Job).CancelRequestedAt is null)
                await Task.Delay(1, limit.Token);
            return new Outcome.Cancelled(new StopProof(InterruptSent: true, TurnEnded: true, [], "Interrupted."));
        };
        Assert.Equal(130, (await _bench.RunAsync("task", "x")).ExitCode);
        Assert.Equal((JobStatus.Running, "cancelling"), (meanwhile!.Status, meanwhile.Phase));
    }

    [Fact]
    public async Task A_cancel_that_left_something_running_names_it()
    {
        _bench.Run.EndWith(new Outcome.Cancelled(new StopProof(InterruptSent: true, TurnEnded: true, ["4711 sleep 99"], "")));
        var end = await _bench.RunAsync("task", "x");
        Assert.Equal(ExitCodes.Cancelled, end.ExitCode);
        Assert.Contains("still running: 4711 sleep 99.", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_was_complete_before_the_signal_is_complete()
    {
        _bench.Run.Script = (_, observer, _) =>
        {
            FakeTurnRun.TellOfThread(observer);
            _bench.Signals.Send(2);
            return Task.FromResult<Outcome>(new Outcome.Completed(FakeTurnRun.Result()));
        };
        var end = await _bench.RunAsync("task", "x");
        Assert.Equal((0, "All done.\n"), (end.ExitCode, end.Out));
    }

    [Fact]
    public async Task The_end_is_recorded_while_the_thread_is_let_go_and_printed_when_it_is_free()
    {
        _bench.Stdout = new MemoryStream();
        (JobStatus? Status, long Printed) meanwhile = default;
        _bench.Run.Leave = () => meanwhile = (_bench.Job.Status, _bench.Stdout.Position);
        await _bench.RunAsync("task", "x");

        Assert.Equal((JobStatus.Completed, 0), meanwhile);
        Assert.NotEqual(0, _bench.Stdout.Position);
    }

    [Fact]
    public async Task A_workers_job_ends_when_its_thread_is_free()
    {
        await _bench.RunAsync("task", "x");
        var queued = _bench.Job with { Id = "task-queued", Status = JobStatus.Queued, Process = null, CompletedAt = null, CollectedAt = null };
        _bench.Store.CreateJob(queued);
        var meanwhile = new List<JobStatus?>();
        _bench.Run.Leave = () => meanwhile.Add(_bench.Store.ReadJob(queued.Id).Value?.Status);
        await _bench.RunAsync("job-worker", "--workspace", _bench.Work, "--job", queued.Id);

        Assert.Equal(JobStatus.Running, meanwhile[0]);
        Assert.Equal(JobStatus.Completed, _bench.Store.ReadJob(queued.Id).Value?.Status);
    }

    private static bool HasTime(string line) =>
        line.StartsWith('[') && DateTimeOffset.TryParse(line[1..Math.Max(1, line.IndexOf(']', StringComparison.Ordinal))], out _);

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!condition())
            await Task.Delay(5, limit.Token);
    }
}
