using System.Text.Json;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore.Records;
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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_first_answer_is_kept_when_it_cannot_be_asked_for_once_more(bool broughtSomething)
    {
        _bench.AnswerWith(
            new Outcome.Completed(FakeTurnRun.Result("a.txt loses updates.")),
            new Outcome.Failed(FailureKind.UsageLimit, "The quota is used up.") { Result = broughtSomething ? FakeTurnRun.Result("{\"ver") : null });

        var end = await _bench.Tool.RunAsync("adversarial-review", "--json");

        Assert.Equal("a.txt loses updates.", end.Json.GetProperty("rawOutput").GetString());
        var error = end.Json.GetProperty("error");
        Assert.Equal(
            ("usage-limit", "The reviewer's answer could not be read, and it could not be asked for once more: The quota is used up."),
            (error.GetProperty("code").GetString(), error.GetProperty("message").GetString()));
        Assert.StartsWith("The answer itself is kept with the job.", error.GetProperty("hint").GetString(), StringComparison.Ordinal);
        Assert.Contains("a.txt loses updates.", (await _bench.Tool.RunAsync("result", _bench.Tool.Job.Id)).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_answer_is_kept_when_the_second_turn_was_cancelled()
    {
        _bench.AnswerWith(new Outcome.Completed(FakeTurnRun.Result("a.txt loses updates.")), new Outcome.Cancelled(StopProof.NothingRan));

        Assert.Equal("a.txt loses updates.", (await _bench.Tool.RunAsync("adversarial-review", "--json")).Json.GetProperty("rawOutput").GetString());
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
}
