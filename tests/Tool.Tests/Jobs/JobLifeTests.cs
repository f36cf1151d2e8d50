using System.Diagnostics;
using System.Text.Json;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using Xunit;

namespace CodexCompanion.Tool.Tests.Jobs;

/// <summary>The life of background jobs: real workers, killed, cancelled and waited for.</summary>
public sealed class JobLifeTests : IDisposable
{
    private readonly JobProcessBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Wait_prints_the_result_and_collects_it_from_any_directory()
    {
        var id = await _bench.LaunchAsync("sim: think 200ms\nsim: reply at last");
        var elsewhere = Directory.CreateDirectory(Path.Combine(_bench.Tool.Root, "elsewhere")).FullName;
        var waited = await _bench.RunAsync("wait", id, "--cwd", elsewhere);
        Assert.Equal(0, waited.ExitCode);
        Assert.StartsWith("at last\n\nCodex session ID: ", waited.Out, StringComparison.Ordinal);
        Assert.NotNull((await _bench.EndedAsync(id)).CollectedAt);

        var result = await _bench.RunAsync("result", "--json");
        using var json = JsonDocument.Parse(result.Out);
        Assert.Equal(id, json.RootElement.GetProperty("job").GetProperty("id").GetString());
        Assert.Equal("at last", json.RootElement.GetProperty("storedJob").GetProperty("rendered").GetString());
    }

    [Fact]
    public async Task Wait_with_a_limit_says_that_the_job_still_runs_and_any_takes_the_first()
    {
        var slow = await _bench.LaunchAsync("sim: think 50s");
        await JobProcessBench.UntilAsync(() => _bench.Job(slow).Status == JobStatus.Running); // Its worker has it, and begins a moment later.
        var late = await _bench.RunAsync("wait", slow, "--timeout", "100ms");
        Assert.Equal((3, ""), (late.ExitCode, late.Out));
        Assert.Contains($"Job {slow} is still running.", late.Error, StringComparison.Ordinal);

        var quick = await _bench.LaunchAsync("sim: fail something broke");
        var first = await _bench.RunAsync("wait", "--any", slow, quick);
        Assert.Equal(1, first.ExitCode);
        Assert.Contains($"# {quick} (failed)", first.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(slow, first.Out, StringComparison.Ordinal);

        using var status = JsonDocument.Parse((await _bench.RunAsync("status", "--json")).Out);
        Assert.Equal(slow, Assert.Single(status.RootElement.GetProperty("running").EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal(quick, status.RootElement.GetProperty("latestFinished").GetProperty("id").GetString());
        Assert.Equal(0, (await _bench.RunAsync("cancel")).ExitCode);
    }

    [Fact]
    public async Task Cancel_stops_the_turn_its_commands_and_the_worker_and_says_so()
    {
        if (OperatingSystem.IsWindows())
            return;
        var pidFile = Path.Combine(_bench.Tool.Root, "pid");
        var id = await _bench.LaunchAsync("--write", $"sim: run echo $$ > '{pidFile}'; exec sleep 600");
        await JobProcessBench.UntilAsync(() => File.Exists(pidFile) && File.ReadAllText(pidFile).EndsWith('\n'));
        var command = new ProcessTable().Identify(int.Parse(File.ReadAllText(pidFile), System.Globalization.CultureInfo.InvariantCulture))!;
        var worker = _bench.Job(id).Process!;

        var end = await _bench.RunAsync("cancel", id, "--json", "--cwd", "/");
        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        using var json = JsonDocument.Parse(end.Out);
        Assert.Equal("cancelled", json.RootElement.GetProperty("status").GetString());
        Assert.True(json.RootElement.GetProperty("turnInterruptAttempted").GetBoolean());
        Assert.True(json.RootElement.GetProperty("turnInterrupted").GetBoolean());
        Assert.Equal(ProcessPresence.Gone, new ProcessTable().Look(command));
        Assert.Equal(ProcessPresence.Gone, new ProcessTable().Look(worker));

        var job = _bench.Job(id);
        Assert.Equal((JobStatus.Cancelled, "cancelled", ExitCodes.Cancelled), (job.Status, job.ErrorCode, job.ExitCode));
        Assert.True(job.Stop?.GetProperty("turnEnded").GetBoolean());
        Assert.Null(Assert.Single(_bench.Store.ListJobs()).Pid);
        Assert.Contains("Cancelled by user.", _bench.Log(id), StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Cancelled, (await _bench.RunAsync("wait", id)).ExitCode);
        Assert.Equal(1, (await _bench.RunAsync("cancel", id)).ExitCode);
    }

    [LinuxFact]
    public async Task A_cancel_keeps_its_time_though_the_jobs_own_process_was_stopped_in_the_middle_of_a_write()
    {
        _bench.Extra["CODEX_COMPANION_CANCEL_LIMIT"] = "6s"; // As below.
        using var worker = await HoldStateLockAsync();
        var identity = new ProcessTable().Identify(worker.Id)!;
        await JobProcessBench.SignalAsync("STOP", identity);
        var end = await _bench.RunAsync("cancel", "task-held", "--json");
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.Equal(JobStatus.Cancelled, _bench.Job("task-held").Status);
        Assert.NotEqual(ProcessPresence.Same, new ProcessTable().Look(identity));
    }

    [LinuxFact]
    public async Task A_cancel_that_somebody_elses_lock_holds_up_says_who_and_a_look_does_not_wait()
    {
        _bench.Extra["CODEX_COMPANION_CANCEL_LIMIT"] = "3s";
        using var holder = await HoldStateLockAsync(isWorker: false);
        var end = await _bench.RunAsync("cancel", "task-held");
        Assert.Equal((ExitCodes.Busy, ""), (end.ExitCode, end.Out));
        Assert.Matches($@"^error: The state lock was held by process {holder.Id} \(test\) for more than [0-2](\.[0-9])? s\.\nhint: codex-companion doctor names who holds it", end.Error);
        Assert.Equal(JobStatus.Running, _bench.Job("task-held").Status);

        // Lost as both are, it tries for some time to write that down of the first, and not again of the second.
        var lost = new ProcessIdentity(int.MaxValue - 1, "1", new ProcessTable().Self.BootId, new ProcessTable().Self.PidNamespace);
        foreach (var id in (string[])["task-held", "task-other"])
        {
            var text = await File.ReadAllTextAsync(_bench.Store.Paths.JobFile(id));
            await File.WriteAllTextAsync(_bench.Store.Paths.JobFile(id), text.Replace($"\"pid\": {new ProcessTable().Self.Pid}", $"\"pid\": {lost.Pid}", StringComparison.Ordinal));
        }

        var status = await _bench.RunAsync("status", "--json");
        Assert.True(status.ExitCode == 0, status.ToString());
        using var json = JsonDocument.Parse(status.Out);
        Assert.Empty(json.RootElement.GetProperty("running").EnumerateArray());
    }

    // A process that has the state's lock until the end of the test; the job's own, or of somebody else than the jobs.
    private async Task<Process> HoldStateLockAsync(bool isWorker = true)
    {
        var store = _bench.Store;
        var self = new ProcessTable().Self;
        foreach (var id in (string[])["task-held", "task-other"])
            store.CreateJob(new JobRecord { Id = id, Status = JobStatus.Running, Title = "a task", Process = self, Pid = self.Pid });
        // It is known by its identity before it takes the lock: afterwards nobody can write that down.
        var start = new ProcessStartInfo(
            "/bin/sh", ["-c", "read -r go; exec \"$@\"", "sh", JobProcessBench.Built("companion-test-process"), "hold-lock", store.Paths.LockFile(StateLock.State)])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var holder = Process.Start(start)!;
        if (isWorker)
            store.UpdateJob("task-held", job => job with { Process = new ProcessTable().Identify(holder.Id), Pid = holder.Id });
        await holder.StandardInput.WriteLineAsync("go");
        await holder.StandardInput.FlushAsync();
        Assert.Equal("held", await holder.StandardOutput.ReadLineAsync());
        return holder;
    }

    [Fact]
    public async Task A_worker_that_does_not_listen_is_ended_and_the_job_is_cancelled_all_the_same()
    {
        if (OperatingSystem.IsWindows())
            return;
        _bench.Extra["CODEX_COMPANION_CANCEL_LIMIT"] = "8s"; // Most of it is the worker's; the rest must do on a busy machine, too.
        var id = await _bench.LaunchAsync("sim: think 600s");
        await JobProcessBench.UntilAsync(() => _bench.Job(id).TurnId is not null);
        var worker = _bench.Job(id).Process!;
        using (var stop = Process.Start("/bin/kill", ["-STOP", worker.Pid.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await stop.WaitForExitAsync();

        var end = await _bench.RunAsync("cancel", id);
        Assert.Equal(0, end.ExitCode);
        Assert.Equal(JobStatus.Cancelled, _bench.Job(id).Status);
        Assert.Equal(ProcessPresence.Gone, new ProcessTable().Look(worker));
        await JobProcessBench.UntilAsync(() => _bench.Simulation.Journal.LivePids().Count == 0);
    }

    [Fact]
    public async Task A_worker_killed_in_mid_turn_is_told_by_status_and_does_not_block_what_comes_after()
    {
        var id = await _bench.LaunchAsync("--write", "sim: think 600s");
        await JobProcessBench.UntilAsync(() => _bench.Job(id).TurnId is not null);
        await KillWorkerAsync(id);

        using var status = JsonDocument.Parse((await _bench.RunAsync("status", "--json")).Out);
        Assert.Empty(status.RootElement.GetProperty("running").EnumerateArray());
        Assert.Equal("worker-lost", status.RootElement.GetProperty("latestFinished").GetProperty("errorCode").GetString());
        Assert.Null(_bench.Job(id).RecoveryTriedAt);

        // Its turn was cut short: recovery finds that out, once, and the job stays failed.
        await JobProcessBench.UntilAsync(() => _bench.Simulation.Journal.LivePids().Count == 0);
        Assert.Equal(ExitCodes.Lost, (await _bench.RunAsync("wait", id)).ExitCode);
        var job = _bench.Job(id);
        Assert.NotNull(job.RecoveryTriedAt);
        Assert.Contains("says that the turn was cut short", job.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(0, (await _bench.RunAsync("task", "--write", "--exclusive", "sim: reply done")).ExitCode);
    }

    [Fact]
    public async Task A_turn_that_had_completed_when_its_worker_was_lost_is_recovered_once()
    {
        var id = await _bench.LaunchAsync("sim: reply kept by codex");
        var ended = await _bench.EndedAsync(id);

        // As the worker would have left it, killed after the turn's end and before it could record it.
        var path = _bench.Store.Paths.JobFile(id);
        var record = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        foreach (var name in new[] { "completedAt", "result", "rendered", "exitCode", "usage", "touchedFiles" })
            record[name] = null;
        record["status"] = "running";
        record["pid"] = ended.Process!.Pid;
        File.WriteAllText(path, record.ToJsonString());
        File.WriteAllText(_bench.Store.Paths.IndexFile, File.ReadAllText(_bench.Store.Paths.IndexFile).Replace("\"completed\"", "\"running\"", StringComparison.Ordinal));

        var result = await _bench.RunAsync("result", id);
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("kept by codex\n", result.Out, StringComparison.Ordinal);
        var job = _bench.Job(id);
        Assert.Equal((JobStatus.Completed, 0), (job.Status, job.ExitCode));
        Assert.NotNull(job.RecoveryTriedAt);
        Assert.Contains("taken from Codex's own record", Assert.Single(job.RecoveryNotes!), StringComparison.Ordinal);
        Assert.Null(job.ErrorCode);
    }

    [Fact]
    public async Task A_run_that_is_handed_over_goes_on_in_its_worker()
    {
        var end = await _bench.RunAsync("task", "--hand-over", "4s", "--json", "sim: run while [ ! -e go ]; do sleep 0.02; done\nsim: reply later");
        Assert.Equal(ExitCodes.StillRunning, end.ExitCode);
        using var json = JsonDocument.Parse(end.Out);
        Assert.Equal("running", json.RootElement.GetProperty("status").GetString());
        var id = json.RootElement.GetProperty("jobId").GetString()!;
        await File.WriteAllTextAsync(Path.Combine(_bench.Tool.Work, "go"), "");
        Assert.Equal("later", (await _bench.EndedAsync(id)).Rendered);
    }

    [Fact]
    public async Task A_run_that_ends_in_time_looks_as_if_it_had_run_here()
    {
        var end = await _bench.RunAsync("task", "--hand-over", "50s", "--json", "sim: reply in time");
        Assert.Equal(0, end.ExitCode);
        using var json = JsonDocument.Parse(end.Out);
        Assert.Equal("in time", json.RootElement.GetProperty("rawOutput").GetString());
        Assert.StartsWith("{\"jobId\":\"task-", end.Error, StringComparison.Ordinal);
        Assert.NotNull(_bench.Tool.Job.CollectedAt);
    }

    [Fact]
    public async Task A_run_that_ends_in_time_says_where_its_result_is_when_nobody_reads_it()
    {
        using var process = _bench.Start("task", "--hand-over", "50s", "sim: think 500ms\nsim: reply kept");
        process.StandardInput.Close();
        process.StandardOutput.Close();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Contains("could not be printed; it is kept in", error, StringComparison.Ordinal);
        Assert.Equal((1, "kept", null), (process.ExitCode, _bench.Tool.Job.Rendered, _bench.Tool.Job.CollectedAt));
    }

    [Fact]
    public async Task The_second_writer_is_told_of_the_first_and_an_exclusive_one_waits_for_it()
    {
        var first = await _bench.LaunchAsync("--write", "sim: think 50s");
        var second = await _bench.RunAsync("task", "--write", "sim: reply beside");
        Assert.Contains($"note: {first} (sim: think 50s) may change files in this tree at the same time", second.Error, StringComparison.Ordinal);

        var third = await _bench.LaunchAsync("--write", "--exclusive", "sim: reply after");
        await JobProcessBench.UntilAsync(() => _bench.Job(third).Phase == "waiting");
        Assert.Equal(JobStatus.Queued, _bench.Job(third).Status);
        Assert.Equal(0, (await _bench.RunAsync("cancel", first)).ExitCode);
        var job = await _bench.EndedAsync(third);
        Assert.Equal("after", job.Rendered);
        Assert.True(job.StartedAt >= _bench.Job(first).CompletedAt);
    }

    [Fact]
    public async Task A_note_of_a_run_that_is_handed_over_stays_on_the_terminal_as_that_of_any_other()
    {
        var first = await _bench.LaunchAsync("--write", "sim: think 50s");
        foreach (var (name, value) in _bench.Extra.Append(new("CODEX_HOME", _bench.Simulation.Home)).Append(new("CODEX_COMPANION_CODEX", JobProcessBench.Program)))
            _bench.Tool.Variables[name] = value;
        _bench.Tool.ErrorIsTerminal = true;

        var second = await _bench.Tool.RunAsync("task", "--write", "--hand-over", "50s", "sim: reply beside");

        Assert.Equal("beside\n", second.Out);
        Assert.Contains($"note: {first} (sim: think 50s) may change files in this tree at the same time", second.Error, StringComparison.Ordinal);
        Assert.Contains(second.Error.Split('\n')[..^1], line => line.Contains("note: ", StringComparison.Ordinal));
        Assert.Equal(0, (await _bench.RunAsync("cancel", first)).ExitCode);
    }

    [Fact]
    public async Task A_job_that_waits_for_others_can_be_cancelled_and_never_begins()
    {
        var first = await _bench.LaunchAsync("--write", "sim: think 50s");
        var second = await _bench.LaunchAsync("--write", "--exclusive", "sim: reply never");
        await JobProcessBench.UntilAsync(() => _bench.Job(second).Phase == "waiting");
        var end = await _bench.RunAsync("cancel", second);
        Assert.Equal(0, end.ExitCode);
        var job = await _bench.EndedAsync(second);
        Assert.Equal((JobStatus.Cancelled, null), (job.Status, job.TurnId));
        Assert.Equal(0, (await _bench.RunAsync("cancel", first)).ExitCode);
    }

    [Fact]
    public async Task Events_end_with_the_job_and_go_on_from_a_cursor()
    {
        var id = await _bench.LaunchAsync("sim: think 300ms\nsim: reply first line\\nsecond");
        var lines = (await _bench.RunAsync("events", id, "--json", "--follow")).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var events = lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.All(events, e => Assert.Equal(1, e.GetProperty("v").GetInt32()));
        Assert.Equal(("end", "completed"), (events[^1].GetProperty("type").GetString(), events[^1].GetProperty("status").GetString()));
        Assert.Contains(events, e => e.GetProperty("type").GetString() == "block" && e.GetProperty("text").GetString() == "Final output");

        var half = events.Count / 2;
        var cursor = events[half].GetProperty("cursor").GetInt64().ToString(System.Globalization.CultureInfo.InvariantCulture);
        var rest = (await _bench.RunAsync("events", id, "--json", "--since", cursor)).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(lines[(half + 1)..], rest);
    }

    private async Task KillWorkerAsync(string id)
    {
        var worker = _bench.Job(id).Process!;
        using var process = Process.GetProcessById(worker.Pid);
        process.Kill();
        await JobProcessBench.UntilAsync(() => new ProcessTable().Look(worker) is ProcessPresence.Gone or ProcessPresence.Other);
    }
}
