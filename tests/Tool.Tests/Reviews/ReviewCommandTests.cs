using System.Text.Json;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Reviews;
using Xunit;

namespace CodexCompanion.Tool.Tests.Reviews;

public sealed class ReviewCommandTests : IDisposable
{
    private readonly ReviewBench _bench = new();

    public ReviewCommandTests()
    {
        _bench.Write("a.txt", "one\n");
        _bench.Commit();
        _bench.Write("a.txt", "one\ntwo\n");
    }

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task An_adversarial_review_prints_verdict_findings_and_next_steps()
    {
        _bench.Answer(ReviewBench.AnswerOf(("high", "Lost update", "a.txt", 2)));

        var end = await _bench.Tool.RunAsync("adversarial-review", "look", "at", "locks");

        Assert.Equal(0, end.ExitCode);
        var id = Assert.Single(_bench.Tool.Store.ReadFindings().Value!.Findings).Id;
        Assert.Matches(
            $"""
            ^# Codex Adversarial Review

            Target: working tree diff
            Reviewed: from [0-9a-f]+ to the working tree
            Verdict: needs-attention

            It was looked at\.

            Findings:
            - \[high\] Lost update \(a\.txt:2\) {id}
              Body of it\.
              Recommendation: Do better\.

            Next steps:
            - Fix it\.

            Reasoning:
            - Looked at it\.
            $
            """, end.Out);
        Assert.Contains("look at locks", _bench.Asked[0].Prompt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_review_is_a_job_of_its_own_kind_and_always_read_only()
    {
        _bench.Tool.WriteUserConfig("""{"sandbox":"danger-full-access","codexConfig":{"sandbox_mode":"danger-full-access","approval_policy":"on-request","other":1}}""");
        _bench.Answer(ReviewBench.AnswerOf());

        await _bench.Tool.RunAsync("adversarial-review", "--model", "m", "--effort", "high", "-c", "x=1");

        var (job, asked) = (_bench.Tool.Job, _bench.Asked[0]);
        Assert.StartsWith("review-", job.Id, StringComparison.Ordinal);
        Assert.Equal(("adversarial-review", "review", "read-only", JobStatus.Completed), (job.Kind, job.JobClass, job.Sandbox, job.Status));
        Assert.Equal((SandboxMode.ReadOnly, true, "m", "high"), (asked.Sandbox, asked.SandboxIsPinned, asked.Model, asked.Effort));
        Assert.Equal(["other", "x"], asked.Config.Keys.Order(StringComparer.Ordinal));
        Assert.NotNull(asked.OutputSchema);
        Assert.Equal(_bench.Work, asked.Cwd);
        Assert.Equal(ExitCodes.Usage, (await _bench.Tool.RunAsync("review", "-c", "sandbox_mode=danger-full-access")).ExitCode);
    }

    [Fact]
    public async Task The_built_in_reviewer_gets_the_target_and_its_text_is_kept()
    {
        const string text = "It breaks.\n\nReview comment:\n\n- [P1] Guard it — a.txt:2-2\n  Body.";
        _bench.Report(text);

        var end = await _bench.Tool.RunAsync("review", "-m", "m", "--effort", "low");

        Assert.Contains(text, end.Out, StringComparison.Ordinal);
        Assert.Contains("- [high] Guard it (a.txt:2)", end.Out, StringComparison.Ordinal);
        Assert.IsType<NativeReview.UncommittedChanges>(_bench.Asked[0].Review);
        Assert.Equal("\"m\"", _bench.Asked[0].Config["review_model"].GetRawText());
        Assert.Equal("\"low\"", _bench.Asked[0].Config["model_reasoning_effort"].GetRawText());
    }

    [Fact]
    public async Task The_branch_and_the_commit_reach_the_built_in_reviewer()
    {
        var head = _bench.Commit("more");
        _bench.Report("Fine.");

        await _bench.Tool.RunAsync("review", "--base", "main~1");
        await _bench.Tool.RunAsync("review", "--commit", "HEAD");

        Assert.Equal(new NativeReview.BaseBranch("main~1"), _bench.Asked[0].Review);
        Assert.Equal(new NativeReview.Commit(head, Title: null), _bench.Asked[1].Review);
    }

    [Fact]
    public async Task Both_reviewers_answer_in_one_form()
    {
        _bench.Answer(ReviewBench.AnswerOf(("high", "Lost update", "a.txt", 2)));
        var ours = (await _bench.Tool.RunAsync("adversarial-review", "--json")).Json;
        _bench.Asked.Clear();
        _bench.Report("It breaks.\n\nReview comment:\n\n- [P1] Guard it — a.txt:2-2\n  Body.");
        var native = (await _bench.Tool.RunAsync("review", "--format", "json")).Json;

        Assert.Equal(Names(ours), Names(native));
        Assert.Equal(Names(ours.GetProperty("result")), Names(native.GetProperty("result")));
        Assert.Equal(Names(ours.GetProperty("result").GetProperty("findings")[0]), Names(native.GetProperty("result").GetProperty("findings")[0]));
        Assert.Equal(("Adversarial Review", "Review"), (ours.GetProperty("review").GetString(), native.GetProperty("review").GetString()));
        Assert.Equal(FakeTurnRun.Thread, native.GetProperty("threadId").GetString());
        Assert.Equal(40, native.GetProperty("target").GetProperty("headSha").GetString()!.Length);

        static IEnumerable<string> Names(JsonElement o) => o.EnumerateObject().Select(m => m.Name);
    }

    [Fact]
    public async Task An_answer_that_cannot_be_read_is_asked_for_once_more_on_the_same_thread()
    {
        _bench.Answer("Looks good to me!", ReviewBench.AnswerOf(("low", "Small", "a.txt", 1)));

        var end = await _bench.Tool.RunAsync("adversarial-review", "--json");

        Assert.Equal(0, end.ExitCode);
        Assert.Equal(2, _bench.Asked.Count);
        Assert.Equal((FakeTurnRun.Thread, false), (_bench.Asked[1].ThreadId, _bench.Asked[0].ClientMessageId == _bench.Asked[1].ClientMessageId));
        Assert.Contains("holds no JSON object", _bench.Asked[1].Prompt, StringComparison.Ordinal);
        Assert.NotNull(_bench.Asked[1].OutputSchema);
        Assert.Contains("once more", end.Json.GetProperty("recoveryNotes")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_cannot_be_read_at_all_is_a_failed_review()
    {
        _bench.Answer("Looks good to me!");

        var end = await _bench.Tool.RunAsync("adversarial-review", "--json");

        Assert.Equal(1, end.ExitCode);
        Assert.Equal(2, _bench.Asked.Count);
        Assert.Equal("invalid-review", end.Json.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(JsonValueKind.Null, end.Json.GetProperty("result").ValueKind);
        Assert.Equal("Looks good to me!", end.Json.GetProperty("rawOutput").GetString());
        Assert.Equal((JobStatus.Failed, "invalid-review"), (_bench.Tool.Job.Status, _bench.Tool.Job.ErrorCode));
    }

    [Theory]
    [InlineData("adversarial-review", "--inline", "never")]
    [InlineData("review", "--scope", "working-tree")]
    public async Task A_reviewer_whose_commands_were_all_blocked_has_seen_nothing(string command, string option, string value)
    {
        var blind = FakeTurnRun.Result(ReviewBench.AnswerOf()) with { Review = "Fine.", SandboxFailure = "Codex's sandbox does not work here." };
        _bench.AnswerWith(new Outcome.Completed(blind));

        var end = await _bench.Tool.RunAsync(command, option, value, "--json");

        Assert.Equal((1, "sandbox"), (end.ExitCode, end.Json.GetProperty("error").GetProperty("code").GetString()));
    }

    [Fact]
    public async Task With_the_changes_in_the_prompt_no_command_is_needed()
    {
        _bench.AnswerWith(new Outcome.Completed(FakeTurnRun.Result(ReviewBench.AnswerOf()) with { SandboxFailure = "Codex's sandbox does not work here." }));

        Assert.Equal(0, (await _bench.Tool.RunAsync("adversarial-review")).ExitCode);
    }

    [Theory]
    [InlineData("Reviewer failed to output a response.")]
    [InlineData("")]
    public async Task A_built_in_review_without_a_report_failed(string text)
    {
        _bench.Report(text);

        var end = await _bench.Tool.RunAsync("review", "--json");

        Assert.Equal((1, "no-review"), (end.ExitCode, end.Json.GetProperty("error").GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData("critical", 0)]
    [InlineData("high", 8)]
    [InlineData("low", 8)]
    public async Task Fail_on_ends_with_8_from_its_severity_on(string severity, int exitCode)
    {
        _bench.Answer(ReviewBench.AnswerOf(("high", "Lost update", "a.txt", 2), ("low", "Small", "a.txt", 1)));

        var end = await _bench.Tool.RunAsync("adversarial-review", "--fail-on", severity);

        Assert.Equal(exitCode, end.ExitCode);
        Assert.Equal((exitCode, JobStatus.Completed), (_bench.Tool.Job.ExitCode, _bench.Tool.Job.Status));
    }

    [Fact]
    public async Task What_was_accepted_does_not_fail_a_review_and_can_be_reopened()
    {
        _bench.Answer(ReviewBench.AnswerOf(("high", "Lost update", "a.txt", 2)));
        await _bench.Tool.RunAsync("adversarial-review");
        var id = Assert.Single(_bench.Tool.Store.ReadFindings().Value!.Findings).Id;

        Assert.Contains($"{id} [high] Lost update (a.txt:2)", (await _bench.Tool.RunAsync("findings", "list")).Out, StringComparison.Ordinal);
        Assert.Equal(0, (await _bench.Tool.RunAsync("findings", "accept", id[..6], "--reason", "on purpose")).ExitCode);
        Assert.Equal("No open findings.\n", (await _bench.Tool.RunAsync("findings", "list")).Out);
        Assert.Contains("accepted: on purpose", (await _bench.Tool.RunAsync("findings", "list", "--all")).Out, StringComparison.Ordinal);
        var accepted = await _bench.Tool.RunAsync("adversarial-review", "--fail-on", "low");
        Assert.Equal(0, accepted.ExitCode);
        Assert.Contains("Since the last review: 0 new, 0 still there, 0 fixed, 1 accepted or wrong (not counted).", accepted.Out, StringComparison.Ordinal);
        Assert.Equal("open", (await _bench.Tool.RunAsync("findings", "reopen", id, "--json")).Json.GetProperty("finding").GetProperty("state").GetString());
        Assert.Equal(8, (await _bench.Tool.RunAsync("adversarial-review", "--fail-on", "low")).ExitCode);
        Assert.Equal(1, (await _bench.Tool.RunAsync("findings", "accept", "zz")).ExitCode);
        Assert.Equal(2, (await _bench.Tool.RunAsync("findings", "accept")).ExitCode);
    }

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
    public async Task What_a_background_review_keeps_is_text_for_people()
    {
        _bench.Answer(ReviewBench.AnswerOf());

        await _bench.Tool.RunAsync("adversarial-review", "--json");

        Assert.StartsWith("# Codex Adversarial Review", _bench.Tool.Job.Rendered, StringComparison.Ordinal);
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
        Assert.Equal("""{"version":99}""", File.ReadAllText(_bench.Tool.Store.Paths.FindingsFile));
    }

    [Fact]
    public async Task A_corrupt_ledger_is_set_aside()
    {
        _bench.Answer(ReviewBench.AnswerOf(("high", "Lost update", "a.txt", 2)));
        _bench.Tool.Store.EnsureCreated();
        File.WriteAllText(_bench.Tool.Store.Paths.FindingsFile, "{torn");

        Assert.Equal(1, (await _bench.Tool.RunAsync("findings", "list")).ExitCode);
        Assert.Equal(0, (await _bench.Tool.RunAsync("adversarial-review")).ExitCode);

        Assert.Single(_bench.Tool.Store.ReadFindings().Value!.Findings);
        Assert.StartsWith("findings.json.", Path.GetFileName(Assert.Single(Directory.GetFiles(_bench.Tool.Store.Paths.QuarantineDirectory))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_git_the_sentence_says_so()
    {
        _bench.Tool.Variables["PATH"] = Path.Combine(_bench.Tool.Root, "nothing");

        Assert.Contains("Git was not found on PATH", (await _bench.Tool.RunAsync("review")).Error, StringComparison.Ordinal);
    }
}
