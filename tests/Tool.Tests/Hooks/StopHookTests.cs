using System.Diagnostics;
using System.Text.Json;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using Xunit;

namespace CodexCompanion.Tool.Tests.Hooks;

public sealed class StopHookTests : IDisposable
{
    private const string Found = "Codex stop-time review found issues that still need fixes before ending the session: ";

    private readonly ToolBench _bench = new();
    private int _reviews;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Where_nothing_was_ever_done_nothing_is_said_and_nothing_created()
    {
        Assert.Equal("", (await StopAsync()).Out);
        Assert.False(Directory.Exists(_bench.StateRootPath));
    }

    [Fact]
    public async Task With_the_gate_off_Codex_is_not_asked()
    {
        _bench.Store.UpdateConfig(config => config with { StopReviewGate = false });
        Assert.Equal("", (await StopAsync()).Out);
        Assert.Null(_bench.Run.Request);
    }

    [Fact]
    public async Task A_job_that_still_runs_is_told_of_whether_the_gate_is_on_or_not()
    {
        var id = JobIds.NewTaskId(TimeProvider.System);
        _bench.Store.CreateJob(new JobRecord { Id = id, Status = JobStatus.Running, SessionId = "s1", Process = new ProcessTable().Self });
        _bench.Store.CreateJob(new JobRecord { Id = JobIds.NewTaskId(TimeProvider.System), Status = JobStatus.Running, SessionId = "another", Process = new ProcessTable().Self });
        _bench.Store.CreateJob(new JobRecord { Id = JobIds.NewTaskId(TimeProvider.System), Status = JobStatus.Running, SessionId = "s1", Process = new ProcessTable().Self with { StartTime = "1" } });
        Assert.Equal($"Codex still works on {id}. /codex:status {id} shows how far it is, /codex:cancel {id} stops it.", await NoteAsync());
    }

    [Fact]
    public async Task The_review_reads_only_is_kept_nowhere_and_has_its_own_model_and_effort()
    {
        Gate("ALLOW: fine");
        _bench.Variables["CODEX_COMPANION_MODEL"] = "other";
        _bench.Variables["CODEX_COMPANION_STOP_REVIEW_MODEL"] = "spark";
        _bench.Variables["CODEX_COMPANION_STOP_REVIEW_EFFORT"] = "low";
        _bench.WriteUserConfig("""{"codexConfig":{"service_tier":"flex","sandbox_mode":"danger-full-access"}}""");
        await StopAsync(last: "I fixed </task> it.");
        var request = _bench.Run.Request!;
        Assert.Equal(
            (SandboxMode.ReadOnly, true, true, "gpt-5.3-codex-spark", "low"),
            (request.Sandbox, request.SandboxIsPinned, request.Ephemeral, request.Model, request.Effort));
        Assert.Equal(["service_tier"], request.Config.Keys);
        foreach (var part in (string[])["<task>", "<compact_output_contract>", "Only review the work from the previous Claude turn.", "I fixed </task> it."])
            Assert.Contains(part, request.Prompt, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromMinutes(10), _bench.Run.Setup!.Limits.Turn);
        Assert.Empty(_bench.Store.ListJobs());
    }

    [Fact]
    public async Task An_explicit_block_sends_the_session_back_and_names_the_switch()
    {
        Gate("BLOCK: a.cs:3 divides by zero\nb.cs:9 loses data");
        var json = (await StopAsync()).Json;
        Assert.Equal("block", json.GetProperty("decision").GetString());
        var reason = json.GetProperty("reason").GetString()!;
        Assert.StartsWith(Found + "a.cs:3 divides by zero\nb.cs:9 loses data", reason, StringComparison.Ordinal);
        Assert.Contains("/codex:setup --disable-review-gate", reason, StringComparison.Ordinal);
        Assert.Equal(2, json.EnumerateObject().Count());
    }

    [Fact]
    public async Task An_allow_is_seen()
    {
        Gate("ALLOW: only text was changed\nand more");
        Assert.Equal("Codex's stop-time review: ALLOW: only text was changed", await NoteAsync());
    }

    [Theory]
    [InlineData("", "came back empty")]
    [InlineData("  \n", "came back empty")]
    [InlineData("I think BLOCK: would be right", "neither ALLOW nor BLOCK")]
    [InlineData("block: small letters", "neither ALLOW nor BLOCK")]
    [InlineData("{\"decision\":\"block\"}", "neither ALLOW nor BLOCK")]
    public async Task An_answer_that_is_no_verdict_allows_and_is_told(string answer, string told)
    {
        Gate(answer);
        Assert.Contains(told, await NoteAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TimeLimit", "did not end in time")]
    [InlineData("UsageLimit", "failed, so the session may end unreviewed. the true error")]
    [InlineData("ConnectionLost", "failed, so the session may end unreviewed. the true error")]
    [InlineData("CodexMissing", "Codex is not set up for the review gate. the true error Run /codex:setup.")]
    [InlineData("NotLoggedIn", "Codex is not set up for the review gate. the true error Run /codex:setup.")]
    public async Task A_review_that_fails_allows_with_the_true_error(string kind, string told)
    {
        Gate("");
        _bench.Run.EndWith(new Outcome.Failed(Enum.Parse<FailureKind>(kind), "the true error"));
        Assert.Contains(told, await NoteAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fault_of_ours_allows()
    {
        Gate("");
        _bench.Run.Script = (_, _, _) => throw new InvalidOperationException("oops");
        Assert.Contains("InvalidOperationException: oops", await NoteAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"stop_hook_active\":true", null)]
    [InlineData("\"agent_id\":\"a1\"", null)]
    [InlineData("\"x\":1", "CODEX_COMPANION_JOB")]
    [InlineData("\"x\":1", "CODEX_COMPANION_INSTANCE")]
    public async Task A_loop_a_subagent_and_a_nested_session_are_let_go_without_asking(string member, string? mark)
    {
        Gate("BLOCK: never asked");
        if (mark is not null)
            _bench.Variables[mark] = "x";
        Assert.Equal("", (await StopAsync(member: member)).Out);
        Assert.Equal(0, _reviews);
    }

    [Fact]
    public async Task A_tree_that_has_not_changed_since_its_verdict_is_not_reviewed_again()
    {
        if (!await GitInitAsync())
            return;
        Gate("ALLOW: fine");
        _bench.WriteFile("a.txt", "one");
        await StopAsync();
        Assert.Equal("", (await StopAsync()).Out);
        Assert.Equal(1, _reviews);
        _bench.WriteFile("a.txt", "three");
        await StopAsync();
        Assert.Equal(2, _reviews);
    }

    [Fact]
    public async Task A_change_in_a_nested_repository_is_a_change()
    {
        if (!await GitInitAsync() || !await GitInitAsync("nested"))
            return;
        Gate("ALLOW: fine");
        _bench.WriteFile("nested/a.txt", "one");
        await StopAsync();
        Assert.Equal("", (await StopAsync()).Out);
        Assert.Equal(1, _reviews);
        _bench.WriteFile("nested/a.txt", "three");
        await StopAsync();
        Assert.Equal(2, _reviews);
    }

    [Fact]
    public async Task A_tree_without_a_verdict_is_tried_again()
    {
        if (!await GitInitAsync())
            return;
        Gate("no verdict");
        await StopAsync();
        await StopAsync();
        Assert.Equal(2, _reviews);
    }

    [Fact]
    public async Task A_session_is_sent_back_so_often_and_no_more()
    {
        Gate("BLOCK: again");
        _bench.Variables["CODEX_COMPANION_STOP_REVIEW_ROUNDS"] = "2";
        await StopAsync();
        await StopAsync();
        Assert.Contains("has sent this session back 2 times in a row", await NoteAsync(), StringComparison.Ordinal);
        Assert.Equal(2, _reviews);
        Assert.True((await StopAsync()).Json.TryGetProperty("decision", out _)); // The next turn is another one.
    }

    [Fact]
    public async Task The_last_verdict_is_kept_beside_the_switch_which_stays_on()
    {
        Gate("BLOCK: a.cs:3 is wrong");
        await StopAsync();
        var config = _bench.Store.ReadConfig().Value!;
        Assert.True(config.StopReviewGate);
        var kept = config.Extra!["lastStopReview"];
        Assert.Equal(("block", "a.cs:3 is wrong", "s1"), (kept.GetProperty("verdict").GetString(), kept.GetProperty("summary").GetString(), kept.GetProperty("sessionId").GetString()));
    }

    [Fact]
    public async Task Status_shows_the_last_verdict_while_the_gate_is_on()
    {
        Gate("ALLOW: only text was changed");
        Assert.Equal(JsonValueKind.Null, (await _bench.RunAsync("status", "--json")).Json.GetProperty("lastStopReview").ValueKind);
        await StopAsync();
        var last = (await _bench.RunAsync("status", "--json")).Json.GetProperty("lastStopReview");
        Assert.Equal(("allow", "only text was changed", "s1"), (last.GetProperty("verdict").GetString(), last.GetProperty("summary").GetString(), last.GetProperty("sessionId").GetString()));
        Assert.Contains($"Last stop-time review: allow, {last.GetProperty("at").GetString()}: only text was changed\n", (await _bench.RunAsync("status")).Out, StringComparison.Ordinal);

        await _bench.RunAsync("setup", "--disable-review-gate", "--json");
        Assert.DoesNotContain("Last stop-time review", (await _bench.RunAsync("status")).Out, StringComparison.Ordinal);
    }

    private void Gate(string answer)
    {
        _bench.Store.UpdateConfig(config => config with { StopReviewGate = true });
        _bench.Run.Script = (_, _, _) =>
        {
            _reviews++;
            return Task.FromResult<Outcome>(new Outcome.Completed(FakeTurnRun.Result(answer)));
        };
    }

    private async Task<ToolEnd> StopAsync(string last = "Done.", string member = "\"hook_event_name\":\"Stop\"")
    {
        _bench.StdinText($"{{\"session_id\":\"s1\",\"cwd\":{JsonSerializer.Serialize(_bench.Work)},\"last_assistant_message\":{JsonSerializer.Serialize(last)},{member}}}");
        var end = await _bench.RunAsync("hook", "stop");
        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        return end;
    }

    private async Task<string> NoteAsync() => (await StopAsync()).Json.GetProperty("systemMessage").GetString()!;

    /// <summary>Makes the workspace a real repository; false where there is no git.</summary>
    private Task<bool> GitInitAsync()
    {
        Directory.Delete(Path.Combine(_bench.Work, ".git"), recursive: true);
        return GitInitAsync("");
    }

    private async Task<bool> GitInitAsync(string below)
    {
        _bench.Variables["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "";
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", ["init", "-q", Path.Combine(_bench.Work, below)]) { UseShellExecute = false })!;
            await git.WaitForExitAsync();
            return git.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
