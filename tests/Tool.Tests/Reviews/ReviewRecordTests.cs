using CodexCompanion.Pipeline.Turns;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Reviews;
using Xunit;

namespace CodexCompanion.Tool.Tests.Reviews;

/// <summary>What a review leaves behind: its job's record and the ledger of findings.</summary>
public sealed class ReviewRecordTests : IDisposable
{
    private readonly ReviewBench _bench = new();

    public ReviewRecordTests()
    {
        _bench.Write("a.txt", "one\n");
        _bench.Commit();
        _bench.Write("a.txt", "one\ntwo\n");
    }

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task What_a_background_review_keeps_is_text_for_people()
    {
        _bench.Answer(ReviewBench.AnswerOf());

        await _bench.Tool.RunAsync("adversarial-review", "--json");

        Assert.StartsWith("# Codex Adversarial Review", _bench.Tool.Job.Rendered, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_makes_the_same_review_from_the_record()
    {
        _bench.Answer(ReviewBench.AnswerOf(("high", "Lost update", "a.txt", 2)));
        await _bench.Tool.RunAsync("adversarial-review", "--fail-on", "high", "--format", "junit", "-c", "k=[1]", "focus");
        var (job, store, host) = (_bench.Tool.Job, _bench.Tool.Store, _bench.Tool.Host(new MemoryStream(), new MemoryStream()));

        var again = Assert.IsType<ReviewWork>(JobKinds.Rebuild(host, store, job).Value);
        var end = again.Conclude(new Outcome.Completed(FakeTurnRun.Result(ReviewBench.AnswerOf(("high", "Lost update", "a.txt", 2)))), new RunFacts(null, [], null, new Tool.Commands.CommandNames(null)));

        Assert.Equal(_bench.Asked[0].Prompt, again.Request.Prompt);
        Assert.Equal(_bench.Asked[0] with { Config = again.Request.Config, Environment = again.Request.Environment, OutputSchema = again.Request.OutputSchema }, again.Request);
        Assert.Equal(1, again.Request.Config["k"][0].GetInt32());
        Assert.Equal(8, end.ExitCode);
        Assert.StartsWith("<?xml", end.Rendered, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_native_target_is_in_the_record_too()
    {
        _bench.Commit("more");
        _bench.Report("Fine.");
        await _bench.Tool.RunAsync("review", "--base", "main~1");

        var again = Assert.IsType<ReviewWork>(JobKinds.Rebuild(_bench.Tool.Host(new MemoryStream(), new MemoryStream()), _bench.Tool.Store, _bench.Tool.Job).Value);

        Assert.Equal(new NativeReview.BaseBranch("main~1"), again.Request.Review);
    }

    [Fact]
    public async Task A_ledger_that_cannot_be_written_costs_a_note_and_no_review()
    {
        _bench.Answer(ReviewBench.AnswerOf(("high", "Lost update", "a.txt", 2)));
        _bench.Tool.Store.EnsureCreated();
        File.WriteAllText(_bench.Tool.Store.Paths.FindingsFile, """{"version":99}""");

        var end = await _bench.Tool.RunAsync("adversarial-review", "--json");

        Assert.Equal(0, end.ExitCode);
        Assert.Contains("could not be remembered", end.Json.GetProperty("recoveryNotes")[0].GetString(), StringComparison.Ordinal);
        Assert.Contains("\nNote: The findings could not be remembered: ", (await _bench.Tool.RunAsync("adversarial-review")).Out, StringComparison.Ordinal);
        Assert.Equal("""{"version":99}""", File.ReadAllText(_bench.Tool.Store.Paths.FindingsFile));
    }

    [Fact]
    public async Task A_remembered_finding_commands_no_runner_when_it_is_listed()
    {
        _bench.Answer(ReviewBench.AnswerOf(("high", "Lost ##[error]update", "a.txt", 2)));
        await _bench.Tool.RunAsync("adversarial-review");
        var id = Assert.Single(_bench.Tool.Store.ReadFindings().Value!.Findings).Id;
        Assert.Contains("Lost ##[error]update", (await _bench.Tool.RunAsync("findings", "list")).Out, StringComparison.Ordinal);

        _bench.Tool.Variables["GITHUB_ACTIONS"] = "true";
        foreach (var command in (string[][])[["findings", "list"], ["findings", "accept", id]])
            Assert.Contains("Lost #\\#[error]update", (await _bench.Tool.RunAsync(command)).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_corrupt_ledger_is_set_aside()
    {
        _bench.Answer(ReviewBench.AnswerOf(("high", "Lost update", "a.txt", 2)));
        _bench.Tool.Store.EnsureCreated();
        File.WriteAllText(_bench.Tool.Store.Paths.FindingsFile, "{torn");

        var accepted = await _bench.Tool.RunAsync("findings", "accept", "1a2b");
        var listed = await _bench.Tool.RunAsync("findings", "list");
        var end = await _bench.Tool.RunAsync("adversarial-review");

        Assert.Equal((1, 1, 0), (accepted.ExitCode, listed.ExitCode, end.ExitCode));
        Assert.Equal(accepted.Error, listed.Error);
        Assert.Contains("hint: codex-companion doctor says", listed.Error, StringComparison.Ordinal);
        Assert.Contains("\nNote: The list of earlier findings was damaged and was set aside;", end.Out, StringComparison.Ordinal);

        Assert.Single(_bench.Tool.Store.ReadFindings().Value!.Findings);
        Assert.StartsWith("findings.json.", Path.GetFileName(Assert.Single(Directory.GetFiles(_bench.Tool.Store.Paths.QuarantineDirectory))), StringComparison.Ordinal);
    }
}
