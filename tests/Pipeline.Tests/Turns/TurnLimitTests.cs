using CodexCompanion.Pipeline.Turns;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Turns;

/// <summary>Ends the server does not tell: limits, errors, silence.</summary>
public sealed class TurnLimitTests : IDisposable
{
    private readonly TurnBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_turn_without_a_sign_of_life_has_stalled_and_is_stopped()
    {
        var run = await _bench.RunToTurnAsync();
        _bench.Message("Half.");
        _bench.Started(Item.Command("c1", "make", "inProgress"));
        var failed = Assert.IsType<Outcome.Failed>(await _bench.AdvanceToEndAsync(run, TimeSpan.FromMinutes(1)));

        Assert.Equal(FailureKind.Stalled, failed.Kind);
        Assert.Contains("15 min", failed.Message, StringComparison.Ordinal);
        Assert.Equal("Half.", failed.Result!.FinalText);
        Assert.Equal(("task-1", "t1", "u1"), _bench.Session.Stops.Select(s => (s.JobId, s.ThreadId, s.TurnId)).Single());
        Assert.Equal(["t1"], _bench.Session.Released);
    }

    [Fact]
    public async Task Deltas_and_answered_requests_keep_a_turn_from_stalling()
    {
        var run = await _bench.RunToTurnAsync();
        for (var i = 0; i < 10; i++)
        {
            await _bench.PassAsync(run, _bench.Limits.Stall - TimeSpan.FromSeconds(1));
            if (i % 2 == 0)
                _bench.Delta();
            else
                _bench.Session.SayAnswered("Answered.");
        }

        _bench.TurnDone();
        Assert.IsType<Outcome.Completed>(await TurnBench.EndOf(run));
        Assert.Empty(_bench.Session.Stops);
    }

    [Fact]
    public async Task A_subagents_deltas_keep_the_turn_alive_a_strangers_do_not()
    {
        var run = await _bench.RunToTurnAsync();
        _bench.Session.Say("thread/started", """{"thread":{"id":"s1","parentThreadId":"t1"}}""");
        await _bench.PassAsync(run, _bench.Limits.Stall - TimeSpan.FromSeconds(1));
        _bench.Delta("s1", "x");
        await _bench.PassAsync(run, _bench.Limits.Stall - TimeSpan.FromSeconds(1));
        Assert.False(run.IsCompleted);
        _bench.Delta("q", "x");
        await _bench.PassAsync(run, TimeSpan.FromSeconds(2));
        Assert.Equal(FailureKind.Stalled, Assert.IsType<Outcome.Failed>(await TurnBench.EndOf(run)).Kind);
    }

    [Fact]
    public async Task The_wall_clock_limit_ends_a_busy_turn()
    {
        _bench.Limits = new TimeLimits { Turn = TimeSpan.FromMinutes(5) };
        var run = await _bench.RunToTurnAsync();
        while (!run.IsCompleted && _bench.Session.Stops.IsEmpty && _bench.Time.GetTimestamp() < TimeSpan.FromMinutes(6).Ticks)
        {
            _bench.Delta();
            await _bench.PassAsync(run, TimeSpan.FromSeconds(20));
        }

        var failed = Assert.IsType<Outcome.Failed>(await TurnBench.EndOf(run));
        Assert.Equal(FailureKind.TimeLimit, failed.Kind);
        Assert.Contains("5 min", failed.Message, StringComparison.Ordinal);
        Assert.Single(_bench.Session.Stops);
    }

    [Fact]
    public async Task The_end_is_inferred_when_the_final_message_came_and_nothing_is_open()
    {
        var run = await _bench.RunToTurnAsync();
        _bench.Started(Item.Command("c1", "ls", "inProgress"));
        _bench.Done(Item.Command("c1", "ls", "completed", 0));
        _bench.Message("All done.");
        var done = Assert.IsType<Outcome.Completed>(await _bench.AdvanceToEndAsync(run, TimeSpan.FromSeconds(1)));

        Assert.Equal("All done.", done.Value.FinalText);
        Assert.True(done.Value.EndInferred);
        Assert.True(_bench.Time.GetTimestamp() >= _bench.Limits.InferredEnd.Ticks);
        Assert.Contains(_bench.Notes, n => n.Contains("never said", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"type":"commandExecution","id":"o","command":"make","status":"inProgress"}""")]
    [InlineData("""{"type":"collabAgentToolCall","id":"o","tool":"wait","status":"inProgress","receiverThreadIds":[]}""")]
    [InlineData("""{"type":"mcpToolCall","id":"o","server":"s","tool":"t","status":"inProgress"}""")]
    public async Task The_end_is_not_inferred_while_something_is_open(string item)
    {
        var run = await _bench.RunToTurnAsync();
        _bench.Started(item);
        await _bench.HeardAsync(() => _bench.Message("Not the last word."));
        await PassInferredEndAsync(run);
        Assert.False(run.IsCompleted);
        Assert.Equal(0, _bench.Session.Count("thread/read"));

        _bench.TurnDone();
        Assert.False(Assert.IsType<Outcome.Completed>(await TurnBench.EndOf(run)).Value.EndInferred);
    }

    [Fact]
    public async Task The_end_is_not_inferred_while_a_subagent_works()
    {
        var run = await _bench.RunToTurnAsync();
        _bench.Session.Say("thread/started", """{"thread":{"id":"s1","parentThreadId":"t1"}}""");
        _bench.TurnStarted("s1", "x");
        await _bench.HeardAsync(() => _bench.Message("Waiting for it."));
        await PassInferredEndAsync(run);
        Assert.False(run.IsCompleted);

        _bench.TurnDone("s1", "x");
        Assert.True(Assert.IsType<Outcome.Completed>(await _bench.AdvanceToEndAsync(run, TimeSpan.FromSeconds(1))).Value.EndInferred);
    }

    [Fact]
    public async Task The_end_is_not_inferred_when_something_came_after_the_message()
    {
        var run = await _bench.RunToTurnAsync();
        await _bench.HeardAsync(() => _bench.Message("First I look."));
        _bench.Started("""{"type":"reasoning","id":"r"}""");
        await PassInferredEndAsync(run);
        Assert.False(run.IsCompleted);
        _bench.TurnDone();
        await TurnBench.EndOf(run);
    }

    [Fact]
    public async Task The_end_is_not_inferred_when_the_server_says_the_turn_runs()
    {
        var status = "active";
        _bench.Session.Answer("thread/read", _ => Task.FromResult($$"""{"thread":{"id":"t1","status":{"type":"{{status}}"},"turns":[]} }"""));
        var run = await _bench.RunToTurnAsync();
        await _bench.HeardAsync(() => _bench.Message("Now I write a long file."));
        await PassInferredEndAsync(run);
        await PassInferredEndAsync(run);
        Assert.False(run.IsCompleted);
        await _bench.CalledAsync("thread/read");

        status = "idle";
        Assert.True(Assert.IsType<Outcome.Completed>(await _bench.AdvanceToEndAsync(run, TimeSpan.FromSeconds(1))).Value.EndInferred);
    }

    [Fact]
    public async Task An_error_that_will_be_retried_is_a_phase_not_an_end()
    {
        var run = await _bench.RunToTurnAsync();
        Error("""{"message":"Reconnecting... 1/5","additionalDetails":"stream disconnected"}""", willRetry: true);
        await PassInferredEndAsync(run);
        Assert.False(run.IsCompleted);
        Assert.Contains("retrying", _bench.Phases);
        _bench.TurnDone();
        Assert.IsType<Outcome.Completed>(await TurnBench.EndOf(run));
    }

    [Fact]
    public async Task An_error_that_will_not_be_retried_ends_the_turn_after_a_grace()
    {
        var run = await _bench.RunToTurnAsync();
        Error("""{"message":"exceeded retry limit, last status: 429 Too Many Requests","codexErrorInfo":{"responseTooManyFailedAttempts":{"httpStatusCode":429}}}""", willRetry: false);
        var failed = Assert.IsType<Outcome.Failed>(await _bench.AdvanceToEndAsync(run, TimeSpan.FromSeconds(1)));
        Assert.Equal(FailureKind.Capacity, failed.Kind);
        Assert.True(failed.Result!.EndInferred);
    }

    [Fact]
    public async Task After_such_an_error_the_servers_own_end_is_taken_when_it_comes()
    {
        var run = await _bench.RunToTurnAsync();
        Error("""{"message":"boom","codexErrorInfo":"internalServerError"}""", willRetry: false);
        _bench.TurnDone(status: "failed");
        var failed = Assert.IsType<Outcome.Failed>(await TurnBench.EndOf(run));
        Assert.Equal("boom", failed.Message);
        Assert.False(failed.Result!.EndInferred);
    }

    [Fact]
    public async Task A_turn_that_goes_on_after_such_an_error_is_not_ended_by_it()
    {
        var run = await _bench.RunToTurnAsync();
        await _bench.HeardAsync(() => Error("""{"message":"boom"}""", willRetry: false));
        _bench.Started(Item.Command("c", "ls", "inProgress"));
        await PassInferredEndAsync(run);
        Assert.False(run.IsCompleted);
        _bench.TurnDone();
        Assert.IsType<Outcome.Completed>(await TurnBench.EndOf(run));
    }

    [Fact]
    public async Task A_turn_whose_directory_is_gone_is_stopped_and_not_for_one_that_comes_back()
    {
        var directory = Directory.CreateTempSubdirectory("cc-turn-").FullName;
        _bench.Request = _bench.Request with { Cwd = directory };
        var run = await _bench.RunToTurnAsync();
        Directory.Delete(directory);
        await _bench.PassAsync(run, TimeSpan.FromSeconds(11));
        Directory.CreateDirectory(directory);
        await _bench.PassAsync(run, TimeSpan.FromSeconds(11));
        Directory.Delete(directory);
        await _bench.PassAsync(run, TimeSpan.FromSeconds(11));
        Assert.False(run.IsCompleted);
        _bench.Message("Half.");
        var failed = Assert.IsType<Outcome.Failed>(await _bench.AdvanceToEndAsync(run, TimeSpan.FromSeconds(11)));

        Assert.StartsWith($"The directory the turn worked in is gone: {directory}.", failed.Message, StringComparison.Ordinal);
        Assert.Equal("Half.", failed.Result!.FinalText);
        Assert.Single(_bench.Session.Stops);
    }

    private void Error(string error, bool willRetry) =>
        _bench.Session.Say("error", $$"""{"threadId":"t1","turnId":"u1","willRetry":{{(willRetry ? "true" : "false")}},"error":{{error}} }""");

    // Longer than any grace.
    private async Task PassInferredEndAsync(Task run)
    {
        for (var i = 0; i < 60 && !run.IsCompleted; i++)
            await _bench.PassAsync(run, TimeSpan.FromSeconds(1));
    }
}
