using System.Runtime.Versioning;
using CodexCompanion.StateStore.Records;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor.Checks;

[UnsupportedOSPlatform("windows")]
public sealed class JobsIndexCheckTests : IDisposable
{
    private const string Check = "jobs-index";
    private readonly DoctorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_lost_index_comes_back_from_the_job_files()
    {
        _bench.Job("task-a");
        _bench.Job("task-b");
        File.Delete(_bench.Paths.IndexFile);
        var end = await _bench.HealsAsync(Check);
        Assert.Equal("made anew with 2 jobs", end.DoneOf(Check));
        Assert.Subset(Listed().ToHashSet(StringComparer.Ordinal), new HashSet<string>(["task-a", "task-b"], StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\uFEFF")]
    [InlineData("null")]
    [InlineData("{\"version\":1,\"jobs\":7}")]
    [InlineData("{\"version\":1,\"jobs\":[{\"id\":\"task-c\",\"status\":\"completed\"},{\"id\":\"task-d\",")]
    public async Task A_damaged_index_is_kept_and_made_anew_with_what_can_be_read_of_it(string content)
    {
        _bench.Job("task-a");
        File.WriteAllText(_bench.Paths.IndexFile, content);
        await _bench.HealsAsync(Check);
        Assert.Contains("task-a", Listed());
        Assert.Equal(content.Contains("task-c", StringComparison.Ordinal), Listed().Contains("task-c", StringComparer.Ordinal));
        Assert.Equal(content.TrimStart('\uFEFF'), File.ReadAllText(Path.Combine(_bench.Paths.QuarantineDirectory, Assert.Single(_bench.Quarantined()))));
    }

    [Fact]
    public async Task Settings_that_only_the_index_has_survive_its_repair()
    {
        _bench.Job("task-a");
        File.WriteAllText(_bench.Paths.IndexFile, "{\"version\":1,\"config\":{\"stopReviewGate\":true},\"jobs\":[");
        await _bench.HealsAsync(Check);
        Assert.True(_bench.Store.ReadConfig().Value!.StopReviewGate);
    }

    [Fact]
    public async Task An_index_that_disagrees_with_the_job_files_is_brought_into_line()
    {
        _bench.Job("task-a", JobStatus.Running, job => job with { Process = DoctorBench.Self });
        var index = File.ReadAllText(_bench.Paths.IndexFile);
        _bench.Store.UpdateJob("task-a", job => job with { Status = JobStatus.Completed });
        _bench.Job("task-b");
        File.WriteAllText(_bench.Paths.IndexFile, index); // A process died between file and index.
        var end = await _bench.HealsAsync(Check);
        Assert.Contains("2 job files", end.MessageOf(Check), StringComparison.Ordinal);
        Assert.Equal(JobStatus.Completed, _bench.Store.ReadIndex().Value!.Single(job => job.Id == "task-a").Status);
    }

    [Fact]
    public async Task Two_entries_of_one_job_become_one()
    {
        _bench.Job("task-a");
        var entry = "{\"id\":\"task-a\",\"status\":\"completed\"}";
        File.WriteAllText(_bench.Paths.IndexFile, $"{{\"version\":1,\"kept\":\"yes\",\"jobs\":[{entry},{entry}]}}");
        await _bench.HealsAsync(Check);
        Assert.Contains("\"kept\"", File.ReadAllText(_bench.Paths.IndexFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_entry_whose_file_is_gone_is_kept()
    {
        _bench.Job("task-a");
        _bench.Job("task-b");
        File.Delete(_bench.Paths.JobFile("task-b"));
        await _bench.IsLeftAloneAsync(Check);
        Assert.Contains("task-b", Listed());
    }

    [Fact]
    public async Task An_index_of_a_later_version_is_told_of_and_not_touched()
    {
        _bench.Job("task-a");
        File.WriteAllText(_bench.Paths.IndexFile, "{\"version\":999}");
        var before = _bench.Tree();
        Assert.Equal("warning", (await _bench.DoctorAsync("--force")).StatusOf(Check));
        Assert.Equal(before, _bench.Tree());
    }

    [Fact]
    public async Task A_healthy_index_is_left_alone()
    {
        _bench.Job("task-a");
        _bench.Job("task-b", JobStatus.Running, job => job with { Process = DoctorBench.Self });
        await _bench.IsLeftAloneAsync(Check, "job-files");
    }

    private string[] Listed() => [.. _bench.Store.ReadIndex().Value!.Select(job => job.Id)];
}
