using System.Text.Json;
using System.Text.Json.Nodes;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Selftest.Simulator;
using CodexCompanion.Tool.Selftest.Simulator.Journal;
using CodexCompanion.Tool.Tests.Jobs;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor;

/// <summary>What comes back from Codex's own record of a thread: real runs on the simulated app-server, whose records are then damaged.</summary>
public sealed class ThreadSalvageTests : IDisposable
{
    private readonly JobProcessBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task The_result_of_a_job_that_was_lost_with_its_worker_is_taken_from_codex()
    {
        var id = await LostAsync("sim: reply kept by codex");
        var before = await File.ReadAllTextAsync(_bench.Store.Paths.JobFile(id));
        var end = await DoctorAsync(0, "--check", "orphaned-jobs", "--check", "jobs-index");
        Assert.Equal("its result was taken from Codex's own record of the thread", end.DoneOf("orphaned-jobs"));
        Assert.Equal((JobStatus.Completed, "kept by codex"), (_bench.Job(id).Status, _bench.Job(id).Rendered));
        await NothingIsFoundAsync();
        Assert.StartsWith("kept by codex\n", (await _bench.RunAsync("result", id)).Out, StringComparison.Ordinal);

        Assert.Equal(0, (await _bench.RunAsync("doctor", "--undo")).ExitCode);
        Assert.Equal(before, await File.ReadAllTextAsync(_bench.Store.Paths.JobFile(id)));
    }

    [Fact]
    public async Task Of_a_record_of_which_only_the_begin_of_a_log_is_left_codex_has_the_prompt_and_the_result()
    {
        const string Prompt = "sim: reply half\nsim: reply \"whole\" answer";
        var id = await _bench.LaunchAsync(Prompt);
        await _bench.EndedAsync(id);
        var log = await File.ReadAllTextAsync(_bench.Store.Paths.JobLog(id));
        await File.WriteAllTextAsync(_bench.Store.Paths.JobLog(id), log[..(log.IndexOf('\n', log.IndexOf("Turn started (", StringComparison.Ordinal)) + 1)]);
        await File.WriteAllTextAsync(_bench.Store.Paths.JobFile(id), "{\"version\":1,\"id\":\"");
        File.Delete(_bench.Store.Paths.IndexFile);

        var end = await DoctorAsync(0, "--check", "job-files", "--check", "jobs-index", "--check", "orphaned-jobs");
        Assert.EndsWith("made anew from its log and Codex's own record: completed, with its prompt and its result", end.DoneOf("job-files"), StringComparison.Ordinal);
        var job = _bench.Job(id);
        Assert.Equal((JobStatus.Completed, "\"whole\" answer", 0), (job.Status, job.Rendered, job.ExitCode));
        Assert.Equal(Prompt, job.Request!.Value.GetProperty("prompt").GetString());
        Assert.Equal(("sim: reply half", "\"whole\" answer"), (job.Summary, job.Result!.Value.GetProperty("rawOutput").GetString()));
        Assert.Contains("Its prompt and its result are there; its options are lost.", Assert.Single(job.RecoveryNotes!), StringComparison.Ordinal);
        await NothingIsFoundAsync();
        var result = await _bench.RunAsync("result", id);
        Assert.StartsWith("\"whole\" answer\n", result.Out, StringComparison.Ordinal);
        Assert.Equal(0, (await _bench.RunAsync("task", "--thread", job.ThreadId!, "sim: reply more")).ExitCode);
    }

    [Fact]
    public async Task A_turn_that_was_cut_short_stays_failed_and_its_prompt_comes_back()
    {
        var id = await _bench.LaunchAsync("sim: think 500s");
        await JobProcessBench.UntilAsync(() => _bench.Job(id) is { TurnId: not null, ThreadId: { } thread } && HasItsPrompt(thread));
        using (var worker = System.Diagnostics.Process.GetProcessById(_bench.Job(id).Process!.Pid))
        {
            worker.Kill();
            await worker.WaitForExitAsync();
        }

        await JobProcessBench.UntilAsync(() => _bench.Simulation.Journal.LivePids().Count == 0);
        await File.WriteAllTextAsync(_bench.Store.Paths.JobFile(id), "");
        var end = await DoctorAsync(0, "--check", "job-files", "--check", "jobs-index", "--check", "orphaned-jobs");
        Assert.Equal("repaired", end.StatusOf("job-files"));
        Assert.Equal("repaired", end.StatusOf("orphaned-jobs"));
        var job = _bench.Job(id);
        Assert.Equal((JobStatus.Failed, JobErrorCodes.WorkerLost, null), (job.Status, job.ErrorCode, job.Rendered));
        Assert.Contains("the turn was cut short", job.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal("sim: think 500s", job.Request!.Value.GetProperty("prompt").GetString());
        await NothingIsFoundAsync();
    }

    [Fact]
    public async Task Without_codex_the_job_is_marked_and_the_result_waits_for_a_doctor_who_finds_one()
    {
        var id = await LostAsync("sim: reply later");
        _bench.Tool.Variables["PATH"] = Path.Combine(_bench.Tool.Root, "nowhere");
        _bench.WithoutCodex = true;
        Assert.Equal("repaired", (await DoctorAsync(0, "--check", "orphaned-jobs")).StatusOf("orphaned-jobs"));
        Assert.Equal((JobStatus.Failed, null), (_bench.Job(id).Status, _bench.Job(id).RecoveryTriedAt));
        await NothingIsFoundAsync();

        _bench.WithoutCodex = false;
        var servers = _bench.Simulation.Journal.ServerCount;
        Assert.Equal("warning", (await DoctorAsync(0, "--dry-run", "--check", "orphaned-jobs")).StatusOf("orphaned-jobs"));
        Assert.Equal(servers, _bench.Simulation.Journal.ServerCount);
        Assert.Equal("repaired", (await DoctorAsync(0, "--check", "orphaned-jobs")).StatusOf("orphaned-jobs"));
        Assert.Equal((JobStatus.Completed, "later"), (_bench.Job(id).Status, _bench.Job(id).Rendered));
    }

    // A turn is answered before what was asked is on record.
    private bool HasItsPrompt(string thread) =>
        AppendOnlyFile.ReadLines(new SimulationHome(_bench.Simulation.Home).RolloutFile(thread)).Any(line => line.Contains("userMessage", StringComparison.Ordinal));

    private async Task NothingIsFoundAsync()
    {
        var again = await DoctorAsync(0, "--check", "job-files", "--check", "jobs-index", "--check", "orphaned-jobs");
        Assert.All(again.Checks, check => Assert.True(check.GetProperty("status").GetString() == "ok", check.ToString()));
    }

    // As a worker leaves it that is killed after its turn's end and before it could record it.
    private async Task<string> LostAsync(string prompt)
    {
        var id = await _bench.LaunchAsync(prompt);
        var ended = await _bench.EndedAsync(id);
        var path = _bench.Store.Paths.JobFile(id);
        var record = JsonNode.Parse(await File.ReadAllTextAsync(path))!.AsObject();
        foreach (var name in new[] { "completedAt", "result", "rendered", "exitCode", "usage", "touchedFiles" })
            record[name] = null;
        record["status"] = "running";
        record["pid"] = ended.Process!.Pid;
        await File.WriteAllTextAsync(path, record.ToJsonString());
        var index = _bench.Store.Paths.IndexFile;
        await File.WriteAllTextAsync(index, (await File.ReadAllTextAsync(index)).Replace("\"completed\"", "\"running\"", StringComparison.Ordinal));
        return id;
    }

    private async Task<DoctorEnd> DoctorAsync(int expected, params string[] options)
    {
        var run = await _bench.RunAsync(["doctor", "--json", .. options]);
        Assert.True(run.ExitCode == expected, run.Out + run.Error);
        using var json = JsonDocument.Parse(run.Out);
        return new DoctorEnd(run.ExitCode, json.RootElement.Clone());
    }
}
