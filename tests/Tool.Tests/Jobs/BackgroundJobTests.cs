using System.Text.Json;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Commands;
using Xunit;

namespace CodexCompanion.Tool.Tests.Jobs;

/// <summary>Launching a job in a worker: real processes.</summary>
public sealed class BackgroundJobTests : IDisposable
{
    private readonly JobProcessBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task The_launch_line_comes_after_the_worker_took_the_job_which_then_runs_to_its_end()
    {
        _bench.Extra["FROM_CALLER"] = "canary-4711";
        var end = await _bench.RunAsync("task", "--background", "--json", "sim: think 1s\nsim: reply from the worker");
        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        using var launch = JsonDocument.Parse(end.Out);
        var members = launch.RootElement.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.ToString());
        Assert.Equal(["jobId", "status", "title", "summary", "logFile", "otherWriters"], members.Keys);
        Assert.Equal(("queued", "Codex Task"), (members["status"], members["title"]));

        var id = members["jobId"];
        var job = _bench.Job(id);
        Assert.True(new ProcessTable().Look(job.Process!) == ProcessPresence.Same || job.IsFinished);
        Assert.Equal(members["logFile"], job.LogFile);

        job = await _bench.EndedAsync(id);
        Assert.Equal((JobStatus.Completed, "from the worker", 0), (job.Status, job.Rendered, job.ExitCode));
        Assert.Null(job.CollectedAt);
        Assert.DoesNotContain("canary-4711", File.ReadAllText(_bench.Store.Paths.JobFile(id)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--background")]
    [InlineData("--hand-over=50s")]
    public async Task Without_a_codex_no_worker_is_started_and_nothing_recorded(string option)
    {
        _bench.WithoutCodex = true;
        var end = await _bench.RunAsync("task", option, "x");
        Assert.Equal((ExitCodes.CodexUnavailable, ""), (end.ExitCode, end.Out));
        Assert.StartsWith("error: The codex named by CODEX_COMPANION_CODEX, ", end.Error, StringComparison.Ordinal);
        Assert.Empty(_bench.Store.ListJobs());
    }

    [Fact]
    public async Task A_worker_that_cannot_be_started_leaves_a_failed_job_that_says_why()
    {
        var end = await InProcessAsync(new OwnProgram(Path.Combine(_bench.Tool.Root, "nothing-here"), [], ""));
        Assert.Equal(ExitCodes.Lost, end.ExitCode);
        Assert.Contains("The worker could not be started: ", end.Error, StringComparison.Ordinal);
        Assert.Equal((JobStatus.Failed, "worker-not-started", ExitCodes.Lost), (_bench.Tool.Job.Status, _bench.Tool.Job.ErrorCode, _bench.Tool.Job.ExitCode));
        Assert.Null(_bench.Tool.Job.Pid);
    }

    [Fact]
    public async Task A_worker_that_dies_early_leaves_a_failed_job_with_its_exit_code_and_last_words()
    {
        if (OperatingSystem.IsWindows())
            return;
        var end = await InProcessAsync(new OwnProgram("/bin/sh", ["-c", "echo 'no runtime here' >&2; exit 83"], ""));
        Assert.Equal(ExitCodes.Lost, end.ExitCode);
        Assert.Contains("83", _bench.Tool.Job.ErrorMessage, StringComparison.Ordinal);
        Assert.Contains("It said: no runtime here", _bench.Tool.Job.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_that_never_takes_its_job_is_ended_in_time()
    {
        if (OperatingSystem.IsWindows())
            return;
        _bench.Tool.Variables["CODEX_COMPANION_WORKER_ACKNOWLEDGE_LIMIT"] = "2s"; // Time enough for a shell to say who it is.
        var mark = Path.Combine(_bench.Tool.Root, "pid");
        var end = await InProcessAsync(new OwnProgram("/bin/sh", ["-c", $"echo $$ > '{mark}'; exec sleep 600"], ""));
        Assert.Equal(ExitCodes.Lost, end.ExitCode);
        Assert.Contains("did not take the job within 2 s", _bench.Tool.Job.ErrorMessage, StringComparison.Ordinal);
        Assert.Null(new ProcessTable().Identify(int.Parse(File.ReadAllText(mark), System.Globalization.CultureInfo.InvariantCulture)));
    }

    private Task<ToolEnd> InProcessAsync(OwnProgram program)
    {
        _bench.Tool.Program = program;
        _bench.Tool.Variables["CODEX_COMPANION_CODEX"] = JobProcessBench.Program; // Looked for, never started.
        return _bench.Tool.RunAsync("task", "--background", "x");
    }
}
