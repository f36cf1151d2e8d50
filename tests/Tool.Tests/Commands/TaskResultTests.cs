using System.Text.Json;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore.Records;
using Xunit;

namespace CodexCompanion.Tool.Tests.Commands;

public sealed class TaskResultTests : IDisposable
{
    private readonly ToolBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("All done.")]
    [InlineData("two\nlines \u00e4\u6f22\U0001F600 \u001b[31mred")]
    [InlineData("")]
    public async Task Stdout_is_the_final_message_and_a_newline(string message)
    {
        _bench.Run.EndWith(new Outcome.Completed(FakeTurnRun.Result(message)));
        var end = await _bench.RunAsync("task", "x");
        Assert.Equal(0, end.ExitCode);
        Assert.Equal(message + "\n", end.Out);
    }

    [Fact]
    public async Task Json_is_one_object_with_all_fields_and_one_line_on_stderr()
    {
        _bench.Run.Script = (_, observer, _) =>
        {
            FakeTurnRun.TellOfThread(observer);
            observer.On(new RunEvent.Progress("editing", "Editing src/a.cs"));
            observer.On(new RunEvent.Note("The broker went away; the turn was recovered."));
            observer.On(new RunEvent.Trail(new TrailEntry("Connect", TimeSpan.FromMilliseconds(3), "used", null)));
            using var usage = JsonDocument.Parse("""{"total":{"totalTokens":7}}""");
            return Task.FromResult<Outcome>(new Outcome.Completed(FakeTurnRun.Result() with { Usage = usage.RootElement.Clone() }));
        };
        var end = await _bench.RunAsync("task", "--json", "--verbose", "--write", "x");

        var id = _bench.Job.Id;
        Assert.Equal($$"""{"jobId":"{{id}}","threadId":"{{FakeTurnRun.Thread}}"}""" + "\n", end.Error);
        var expected = $$$"""
            {"status":0,"threadId":"{{{FakeTurnRun.Thread}}}","rawOutput":"All done.","touchedFiles":["src/a.cs"],
            "reasoningSummary":["Looked at it."],"jobId":"{{{id}}}","turnId":"{{{FakeTurnRun.Turn}}}","model":"gpt-5.2","effort":"medium",
            "sandbox":"workspace-write","cwd":{{{JsonSerializer.Serialize(_bench.Work)}}},"usage":{"total":{"totalTokens":7}},
            "recoveryNotes":["The broker went away; the turn was recovered."],"exitCode":0}
            """.ReplaceLineEndings("") + "\n";
        Assert.Equal(expected, end.Out);
    }

    [Fact]
    public async Task What_is_not_known_is_null_in_json()
    {
        _bench.Run.Script = (_, _, _) => Task.FromResult<Outcome>(new Outcome.Completed(new TurnResult()));
        var json = (await _bench.RunAsync("task", "--json", "x")).Json;
        foreach (var name in new[] { "threadId", "turnId", "model", "effort", "usage" })
            Assert.Equal(JsonValueKind.Null, json.GetProperty(name).ValueKind);
        Assert.False(json.TryGetProperty("error", out _));
    }

    [Theory]
    [InlineData(FailureKind.UsageLimit, 5, "usage-limit", false)]
    [InlineData(FailureKind.Capacity, 5, "capacity", true)]
    [InlineData(FailureKind.Busy, 6, "busy", true)]
    [InlineData(FailureKind.ConnectionLost, 7, "connection-lost", false)]
    [InlineData(FailureKind.Stalled, 124, "stalled", false)]
    public async Task A_failure_is_told_in_a_sentence_and_its_partial_text_is_kept(FailureKind kind, int exitCode, string code, bool retryable)
    {
        _bench.Run.EndWith(new Outcome.Failed(kind, "It broke.", "Try later.") { Result = FakeTurnRun.Result("Half of") });
        var end = await _bench.RunAsync("task", "x");
        Assert.Equal(exitCode, end.ExitCode);
        Assert.Empty(end.OutBytes);
        Assert.EndsWith(
            $"error: It broke.\nhint: Try later. To continue: codex-companion task --thread {FakeTurnRun.Thread} \"…\"\n", end.Error, StringComparison.Ordinal);
        var job = _bench.Job;
        Assert.Equal((JobStatus.Failed, code, "It broke.", exitCode, "Half of"), (job.Status, job.ErrorCode, job.ErrorMessage, job.ExitCode, job.Rendered));
        Assert.Null(job.CollectedAt);

        var json = (await _bench.RunAsync("task", "--json", "x")).Json;
        Assert.Equal(code, json.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(retryable, json.GetProperty("error").GetProperty("retryable").GetBoolean());
        Assert.Equal("Half of", json.GetProperty("rawOutput").GetString());
        Assert.Equal(exitCode, json.GetProperty("exitCode").GetInt32());
        Assert.Equal(1, json.GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task In_a_claude_session_the_hint_names_the_slash_command()
    {
        _bench.Variables["CLAUDE_CODE_SESSION_ID"] = "session-1";
        _bench.Run.EndWith(new Outcome.Failed(FailureKind.TurnFailed, "It broke."));
        Assert.Contains($"/codex:rescue --thread {FakeTurnRun.Thread}", (await _bench.RunAsync("task", "x")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thread_that_does_not_exist_is_not_offered_again()
    {
        _bench.Run.Script = (_, _, _) => Task.FromResult<Outcome>(new Outcome.Failed(FailureKind.ThreadNotFound, "No such thread."));
        var end = await _bench.RunAsync("task", "--thread", "T-gone", "x");
        Assert.Equal("error: No such thread.\n", end.Error);
        Assert.DoesNotContain("codex resume", (await _bench.RunAsync("status")).Out, StringComparison.Ordinal);
        Assert.DoesNotContain("T-gone", (await _bench.RunAsync("result")).Out, StringComparison.Ordinal);
        Assert.Equal(1, (await _bench.RunAsync("task", "--resume", "x")).ExitCode);
    }

    [Fact]
    public async Task A_fault_of_our_own_is_an_outcome_too()
    {
        _bench.Run.Script = (_, _, _) => throw new InvalidOperationException("boom");
        var end = await _bench.RunAsync("task", "x");
        Assert.Equal(1, end.ExitCode);
        Assert.Contains("error: InvalidOperationException: boom\n", end.Error, StringComparison.Ordinal);
        Assert.Equal((JobStatus.Failed, "internal"), (_bench.Job.Status, _bench.Job.ErrorCode));
        Assert.Contains("Internal error", _bench.JobLog, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_closed_stdout_does_not_lose_the_result()
    {
        using var closed = new ClosedPipe();
        _bench.Stdout = closed;
        var end = await _bench.RunAsync("task", "x");
        Assert.Equal(1, end.ExitCode);
        Assert.Contains("could not be printed; it is kept in", end.Error, StringComparison.Ordinal);
        Assert.Equal((JobStatus.Completed, "All done."), (_bench.Job.Status, _bench.Job.Rendered));
        Assert.Null(_bench.Job.CollectedAt);
    }

    [Fact]
    public async Task Progress_and_notes_are_plain_lines_where_stderr_is_no_terminal()
    {
        _bench.Run.Script = (_, observer, _) =>
        {
            FakeTurnRun.TellOfThread(observer);
            observer.On(new RunEvent.Progress("investigating", "Running \u001b[31mls\u001b[0m"));
            observer.On(new RunEvent.Note("Went direct."));
            observer.On(new RunEvent.Trail(new TrailEntry("Connect", TimeSpan.FromMilliseconds(3), "direct", "no broker")));
            return Task.FromResult<Outcome>(new Outcome.Completed(FakeTurnRun.Result()));
        };
        var lines = (await _bench.RunAsync("task", "x")).Error.TrimEnd('\n').Split('\n');
        Assert.Equal([$"Job {_bench.Job.Id}, Codex thread {FakeTurnRun.Thread}.", "Running [31mls [0m", "note: Went direct."], lines);

        var verbose = (await _bench.RunAsync("task", "--verbose", "x")).Error;
        Assert.Contains("[Connect] direct, 3 ms: no broker\n", verbose, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--write", true)]
    [InlineData("--sandbox=danger-full-access", false)]
    [InlineData("--sandbox=read-only", false)]
    public async Task Before_a_writing_task_the_trust_it_brings_is_told(string option, bool told)
    {
        var end = await _bench.RunAsync("task", option, "--verbose", "x");
        Assert.Equal(told, end.Error.Contains("as a trusted project", StringComparison.Ordinal));
        Assert.Equal(told, _bench.JobLog.Contains("as a trusted project", StringComparison.Ordinal));
    }

    private sealed class ClosedPipe : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("Broken pipe");

        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("Broken pipe");
    }
}
