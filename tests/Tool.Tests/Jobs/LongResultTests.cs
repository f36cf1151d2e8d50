using System.Text.Json;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore.Records;
using Xunit;

namespace CodexCompanion.Tool.Tests.Jobs;

/// <summary>In a Claude session the path of a long result comes first, since the host does not show all of it.</summary>
public sealed class LongResultTests : IDisposable
{
    private static readonly string Long = string.Concat(Enumerable.Repeat("A line of a long answer.\n", 1_300)) + "The end.";

    private readonly ToolBench _bench = new();

    public LongResultTests()
    {
        _bench.Variables["CLAUDE_CODE_SESSION_ID"] = "s1";
        _bench.Run.EndWith(new Outcome.Completed(FakeTurnRun.Result(Long)));
    }

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_task_names_the_file_and_then_prints_the_text()
    {
        var printed = (await _bench.RunAsync("task", "explain")).Out;
        var path = _bench.Store.Paths.ResultText(_bench.Job.Id);
        Assert.Equal($"The whole result of {_bench.Job.Id} ({Long.Length + 1} characters) is in {path}\n\n{Long}\n", printed);
        Assert.Equal(Long + "\n", await File.ReadAllTextAsync(path));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Theory]
    [InlineData("result")]
    [InlineData("wait")]
    public async Task So_do_those_who_come_later(string command)
    {
        await _bench.RunAsync("task", "explain", "--json");
        var printed = (await _bench.RunAsync(command, _bench.Job.Id)).Out;
        Assert.StartsWith($"The whole result of {_bench.Job.Id} ", printed, StringComparison.Ordinal);
        Assert.Contains(Long, await File.ReadAllTextAsync(_bench.Store.Paths.ResultText(_bench.Job.Id)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_several_jobs_each_is_named_before_the_first_is_printed()
    {
        await _bench.RunAsync("task", "one");
        await _bench.RunAsync("task", "two");
        var ids = _bench.Store.ListJobs().Select(job => job.Id).ToArray();
        var lines = (await _bench.RunAsync(["wait", .. ids])).Out.Split('\n');
        Assert.All(ids, (id, i) => Assert.StartsWith($"The whole result of {id} ", lines[i], StringComparison.Ordinal));
        Assert.Equal(["", $"# {ids[0]} (completed)"], lines[2..4]);
    }

    [Theory]
    [InlineData("a short answer")]
    [InlineData("no session")]
    [InlineData("a terminal")]
    [InlineData("a program")]
    public async Task Otherwise_stdout_is_the_answer_and_nothing_else(string why)
    {
        var answer = why == "a short answer" ? "Short." : Long;
        _bench.Run.EndWith(new Outcome.Completed(FakeTurnRun.Result(answer)));
        _bench.OutputIsTerminal = why == "a terminal";
        if (why == "no session")
            _bench.Variables.Remove("CLAUDE_CODE_SESSION_ID");
        var end = await _bench.RunAsync(why == "a program" ? ["task", "--json", "explain"] : ["task", "explain"]);
        Assert.Equal(answer, why == "a program" ? end.Json.GetProperty("rawOutput").GetString() : end.Out.TrimEnd('\n'));
        Assert.False(Directory.Exists(_bench.Store.Paths.ResultsDirectory));
    }

    [Fact]
    public async Task What_a_program_is_to_read_gets_no_line_in_front_of_it()
    {
        foreach (var format in (string[])["sarif", "text"])
        {
            _bench.Store.CreateJob(new JobRecord
            {
                Id = "review-" + format,
                Kind = "review",
                JobClass = "review",
                Status = JobStatus.Completed,
                SessionId = "s1",
                Rendered = Long,
                Request = JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["format"] = format }),
            });
        }

        Assert.Equal(Long + "\n", (await _bench.RunAsync("result", "review-sarif")).Out);
        Assert.StartsWith("The whole result of review-text ", (await _bench.RunAsync("result", "review-text")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_file_goes_with_its_job()
    {
        await _bench.RunAsync("task", "explain");
        var path = _bench.Store.Paths.ResultText(_bench.Job.Id);
        _bench.Store.RemoveJobs(jobs => jobs.Select(job => job.Id));
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task Where_no_file_can_be_written_the_text_is_all_there_is()
    {
        _bench.Store.EnsureCreated();
        await File.WriteAllTextAsync(_bench.Store.Paths.ResultsDirectory, "in the way");
        Assert.Equal(Long + "\n", (await _bench.RunAsync("task", "explain")).Out);
    }
}
