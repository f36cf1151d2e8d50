using System.Diagnostics;
using System.Runtime.Versioning;
using CodexCompanion.StateStore.Records;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor.Checks;

[UnsupportedOSPlatform("windows")]
public sealed class JobFilesCheckTests : IDisposable
{
    private const string Check = "job-files";
    private readonly DoctorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_torn_record_comes_back_from_the_index_and_its_log()
    {
        _bench.Job("task-a", JobStatus.Completed, job => job with { Summary = "what was asked", ThreadId = "thread-1" });
        _bench.Store.AppendJobLog("task-a", "Final output\nline one\n\n  line two");
        File.WriteAllText(_bench.Paths.JobFile("task-a"), "{\"version\":1,\"id\":\"task-a\",\"sta");
        await _bench.HealsAsync(Check);
        var job = _bench.Store.ReadJob("task-a").Value!;
        Assert.Equal((JobStatus.Completed, "what was asked", "thread-1", "line one\n\n  line two"), (job.Status, job.Summary, job.ThreadId, job.Rendered));
        Assert.Contains("codex resume thread-1", Assert.Single(job.RecoveryNotes!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_of_which_only_the_log_is_left_comes_back_from_it()
    {
        _bench.Job("task-a", JobStatus.Running);
        _bench.Store.AppendJobLog("task-a", "Thread ready (thread-7).");
        _bench.Store.AppendJobLog("task-a", "Turn started (turn-7).");
        _bench.Store.AppendJobLog("task-a", "Final output\nthe answer");
        File.Delete(_bench.Paths.JobFile("task-a"));
        File.Delete(_bench.Paths.IndexFile);
        await _bench.HealsAsync(Check);
        var job = _bench.Store.ReadJob("task-a").Value!;
        Assert.Equal((JobStatus.Completed, "thread-7", "turn-7", "the answer"), (job.Status, job.ThreadId, job.TurnId, job.Rendered));
        Assert.NotNull(job.CreatedAt);
        Assert.Contains(_bench.Store.ListJobs(), entry => entry.Id == "task-a");
    }

    [Fact]
    public async Task A_torn_record_whose_log_tells_no_end_failed_and_says_so()
    {
        _bench.Job("task-a", JobStatus.Running);
        _bench.Store.AppendJobLog("task-a", "Thread ready (thread-7).");
        File.WriteAllText(_bench.Paths.JobFile("task-a"), "");
        File.Delete(_bench.Paths.IndexFile);
        await _bench.HealsAsync(Check);
        var job = _bench.Store.ReadJob("task-a").Value!;
        Assert.Equal((JobStatus.Failed, JobErrorCodes.WorkerLost), (job.Status, job.ErrorCode));
    }

    [Fact]
    public async Task A_torn_record_of_which_nothing_else_is_left_is_set_aside()
    {
        _bench.Store.EnsureCreated();
        File.WriteAllText(_bench.Paths.JobFile("task-a"), "\0\0\0");
        Mode(_bench.Paths.JobFile("task-a"));
        var end = await _bench.HealsAsync(Check);
        Assert.Contains("neither index nor log", end.DoneOf(Check), StringComparison.Ordinal);
        Assert.StartsWith("task-a.json.", Assert.Single(_bench.Quarantined()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("folder")]
    [InlineData("pipe")]
    [InlineData("link to a file")]
    [InlineData("link to a folder")]
    [InlineData("link to nothing")]
    public async Task What_stands_in_a_records_place_is_set_aside_and_never_followed(string what)
    {
        _bench.Job("task-a", JobStatus.Completed, job => job with { Summary = "kept" });
        var path = _bench.Paths.JobFile("task-a");
        File.Delete(path);
        var outside = Path.Combine(_bench.Bench.Root, "outside");
        Directory.CreateDirectory(outside);
        File.WriteAllText(Path.Combine(outside, "file"), "{\"id\":\"task-a\",\"status\":\"failed\"}");
        switch (what)
        {
            case "folder":
                Directory.CreateDirectory(path);
                break;
            case "pipe":
                using (var mkfifo = Process.Start("mkfifo", path))
                    await mkfifo.WaitForExitAsync();
                break;
            default:
                File.CreateSymbolicLink(path, Path.Combine(outside, what switch { "link to a file" => "file", "link to a folder" => "", _ => "nothing" }));
                break;
        }

        await _bench.HealsAsync(Check);
        Assert.Equal(("kept", JobStatus.Completed), (_bench.Store.ReadJob("task-a").Value!.Summary, _bench.Store.ReadJob("task-a").Value!.Status));
        Assert.True(File.Exists(Path.Combine(outside, "file")));
    }

    [Fact]
    public async Task What_does_not_belong_among_the_records_is_set_aside()
    {
        _bench.Job("task-a");
        var notes = Path.Combine(_bench.Paths.JobsDirectory, "notes.txt");
        File.WriteAllText(notes, "mine");
        Mode(notes);
        Assert.Equal("warning", (await _bench.LookAsync()).StatusOf(Check));
        var end = await _bench.HealsAsync(Check, dryRunExit: 0);
        Assert.Equal("repaired", end.StatusOf(Check));
        Assert.Equal("mine", File.ReadAllText(Path.Combine(_bench.Paths.QuarantineDirectory, Assert.Single(_bench.Quarantined()))));
    }

    [Fact]
    public async Task The_record_of_a_job_that_runs_comes_back_running()
    {
        _bench.Job("task-a", JobStatus.Running, job => job with { Process = DoctorBench.Self });
        File.WriteAllText(_bench.Paths.JobFile("task-a"), "{");
        await _bench.DoctorAsync();
        var job = _bench.Store.ReadJob("task-a").Value!;
        Assert.Equal((JobStatus.Running, DoctorBench.Self), (job.Status, job.Process));
    }

    [Fact]
    public async Task A_record_cut_at_any_length_is_either_whole_or_made_anew()
    {
        _bench.Job("task-a", JobStatus.Completed, job => job with { Summary = "a summary", Rendered = "a result" });
        var whole = File.ReadAllBytes(_bench.Paths.JobFile("task-a"));
        for (var length = 0; length < whole.Length; length += 7)
        {
            File.WriteAllBytes(_bench.Paths.JobFile("task-a"), whole[..length]);
            var end = await _bench.DoctorAsync("--check", Check, "--check", "jobs-index");
            Assert.True(end.ExitCode == 0, $"cut at {length}: {end.Json}");
            Assert.Equal((JobStatus.Completed, "a summary"), (_bench.Store.ReadJob("task-a").Value!.Status, _bench.Store.ReadJob("task-a").Value!.Summary));
        }
    }

    private static void Mode(string path) => File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
}
