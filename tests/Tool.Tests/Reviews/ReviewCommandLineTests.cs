using System.Text.Json;
using Xunit;

namespace CodexCompanion.Tool.Tests.Reviews;

/// <summary>What a review takes from its command line, and what it refuses before anything is sent.</summary>
public sealed class ReviewCommandLineTests : IDisposable
{
    private readonly ReviewBench _bench = new();

    public ReviewCommandLineTests()
    {
        _bench.Write("a.txt", "one\n");
        _bench.Commit();
        _bench.Write("a.txt", "one\ntwo\n");
    }

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Show_context_prints_exactly_what_is_sent_and_sends_nothing()
    {
        _bench.Answer(ReviewBench.AnswerOf());

        var shown = await _bench.Tool.RunAsync("adversarial-review", "--show-context", "the focus");
        Assert.Empty(_bench.Asked);
        Assert.Empty(_bench.Tool.Store.ListJobs());
        await _bench.Tool.RunAsync("adversarial-review", "the focus");

        Assert.Equal(shown.Out, _bench.Asked[0].Prompt);
        Assert.Equal("review/start {\"type\":\"uncommittedChanges\"}\n", (await _bench.Tool.RunAsync("review", "--show-context")).Out);
    }

    [Fact]
    public async Task Nothing_to_review_is_said_and_nothing_is_sent()
    {
        _bench.Commit("all of it");

        var text = await _bench.Tool.RunAsync("adversarial-review", "--scope", "working-tree");
        var json = await _bench.Tool.RunAsync("review", "--scope", "working-tree", "--json");

        Assert.Equal(0, text.ExitCode);
        Assert.StartsWith("Nothing to review: working tree diff", text.Out, StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, json.Json.GetProperty("result").ValueKind);
        Assert.StartsWith("Nothing to review", json.Json.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Empty(_bench.Tool.Store.ListJobs());
    }

    [Theory]
    [InlineData("does not support custom focus text", "review", "look at locks")]
    [InlineData("does not support custom focus text", "review", "--scope", "auto", "focus")]
    [InlineData("Unsupported review scope \"x\". Use one of: auto, working-tree, branch, or pass --base <ref>.", "review", "--scope", "x")]
    [InlineData("adversarial-review", "review", "--", "a.txt")]
    [InlineData("adversarial-review", "review", "--scope", "staged")]
    [InlineData("adversarial-review", "review", "--range", "a...b")]
    [InlineData("exclude each other", "review", "--base", "main", "--commit", "HEAD")]
    [InlineData("exclude each other", "review", "--scope", "working-tree", "--base", "main")]
    [InlineData("exclude each other", "review", "--json", "--format", "sarif")]
    [InlineData("Unknown format", "review", "--format", "html")]
    [InlineData("--fail-on", "review", "--fail-on", "blocker")]
    [InlineData("--inline", "adversarial-review", "--inline", "sometimes")]
    [InlineData("no such commit", "review", "--base", "nope")]
    public async Task A_wrong_command_line_is_refused_in_a_sentence(string said, params string[] arguments)
    {
        var end = await _bench.Tool.RunAsync(arguments);

        Assert.Equal(2, end.ExitCode);
        Assert.Contains(said, end.Error + end.Out, StringComparison.Ordinal);
        Assert.Empty(_bench.Tool.Store.ListJobs());
    }

    [Fact]
    public async Task Paths_follow_two_dashes_and_focus_stays_text()
    {
        _bench.Write("b.txt", "b\n");
        _bench.Answer(ReviewBench.AnswerOf());

        await _bench.Tool.RunAsync("adversarial-review", "--scope", "working-tree", "--", "b.txt");
        await _bench.Tool.RunAsync("adversarial-review", "check", "--", "b.txt");

        Assert.DoesNotContain("a.txt", _bench.Asked[0].Prompt, StringComparison.Ordinal);
        Assert.Contains("check -- b.txt", _bench.Asked[1].Prompt, StringComparison.Ordinal);
        Assert.Contains("a.txt", _bench.Asked[1].Prompt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_option_behind_the_focus_is_text_and_that_is_said()
    {
        _bench.Answer(ReviewBench.AnswerOf());

        var end = await _bench.Tool.RunAsync("adversarial-review", "look", "at", "locks", "--fail-on", "low");

        Assert.Contains("note: '--fail-on low' at the end was taken as part of the text", end.Error, StringComparison.Ordinal);
        Assert.Contains("look at locks --fail-on low", _bench.Asked[0].Prompt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_raw_line_of_arguments_has_options_paths_and_focus()
    {
        _bench.Answer(ReviewBench.AnswerOf());
        _bench.Tool.StdinText("--scope working-tree what about \"locks\" --write?");
        await _bench.Tool.RunAsync("adversarial-review", "--arguments-stdin");
        _bench.Tool.StdinText("--scope working-tree -- 'a.txt'");
        await _bench.Tool.RunAsync("adversarial-review", "--arguments-stdin");
        _bench.Tool.StdinText("\n");
        _bench.Report("Fine.");
        var native = await _bench.Tool.RunAsync("review", "--arguments-stdin");

        Assert.Contains("what about \"locks\" --write?", _bench.Asked[0].Prompt, StringComparison.Ordinal);
        Assert.Contains("Only below: a.txt.", _bench.Asked[1].Prompt, StringComparison.Ordinal);
        Assert.Equal(0, native.ExitCode);
    }

    [Fact]
    public async Task Without_git_the_sentence_says_so()
    {
        _bench.Tool.Variables["PATH"] = Path.Combine(_bench.Tool.Root, "nothing");

        Assert.Contains("Git was not found on PATH", (await _bench.Tool.RunAsync("review")).Error, StringComparison.Ordinal);
    }
}
