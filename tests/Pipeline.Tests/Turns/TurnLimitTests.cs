using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Turns;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Turns;

/// <summary>Ends the server does not tell: limits, errors, silence; and the wish to stop.</summary>
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
        Assert.True(_bench.Session.Count("thread/read") > 0);

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
    public async Task Asked_to_stop_it_stops_the_turn_and_gives_the_proof()
    {
        var run = await _bench.RunToTurnAsync();
        _bench.Message("Half.");
        _bench.Stop();
        var cancelled = Assert.IsType<Outcome.Cancelled>(await TurnBench.EndOf(run));
        Assert.Same(_bench.Session.Proof, cancelled.Proof);
        Assert.Equal("Half.", cancelled.Result!.FinalText);
        Assert.Equal("u1", _bench.Session.Stops.Single().TurnId);
        Assert.Equal(["t1"], _bench.Session.Released);
    }

    [Fact]
    public async Task A_turn_that_would_not_stop_keeps_its_thread()
    {
        _bench.Session.Proof = new StopProof(InterruptSent: true, TurnEnded: false, ["17 make"], "The turn did not end in time.");
        var run = await _bench.RunToTurnAsync();
        _bench.Stop();
        Assert.False(Assert.IsType<Outcome.Cancelled>(await TurnBench.EndOf(run)).Proof.TurnEnded);
        Assert.Empty(_bench.Session.Released);
    }

    [Fact]
    public async Task Asked_to_stop_before_it_began_it_does_nothing()
    {
        _bench.Stop();
        Assert.Same(StopProof.NothingRan, Assert.IsType<Outcome.Cancelled>(await TurnBench.EndOf(_bench.Run())).Proof);
        Assert.Empty(_bench.Session.Calls);
    }

    [Fact]
    public async Task Asked_to_stop_while_the_thread_starts_it_starts_no_turn_and_releases_the_thread()
    {
        var answer = new TaskCompletionSource<string>();
        _bench.Session.Answer("thread/start", _ => answer.Task);
        var run = _bench.Run();
        await _bench.CalledAsync("thread/start");
        _bench.Stop();
        answer.SetResult("""{"thread":{"id":"t1"}}""");
        Assert.Same(StopProof.NothingRan, Assert.IsType<Outcome.Cancelled>(await TurnBench.EndOf(run)).Proof);
        Assert.Equal(0, _bench.Session.Count("turn/start"));
        Assert.Equal(["t1"], _bench.Session.Released);
        Assert.False(_bench.Progress.TurnSent);
    }

    [Fact]
    public async Task Asked_to_stop_a_mute_server_it_does_not_wait_long()
    {
        _bench.Session.Answer("thread/start", _ => new TaskCompletionSource<string>().Task);
        var run = _bench.Run();
        await _bench.CalledAsync("thread/start");
        _bench.Stop();
        Assert.IsType<Outcome.Cancelled>(await _bench.AdvanceToEndAsync(run, TimeSpan.FromSeconds(1)));
        Assert.True(_bench.Time.GetTimestamp() < _bench.Limits.Cancel.Ticks);
    }

    [Fact]
    public async Task Asked_to_stop_before_the_turn_has_a_name_it_stops_the_turn_once_it_has_one()
    {
        var answer = new TaskCompletionSource<string>();
        _bench.Session.Answer("turn/start", _ => answer.Task);
        var run = _bench.Run();
        await _bench.CalledAsync("turn/start");
        _bench.Stop();
        Assert.Empty(_bench.Session.Stops);
        answer.SetResult("""{"turn":{"id":"u7"}}""");
        Assert.IsType<Outcome.Cancelled>(await TurnBench.EndOf(run));
        Assert.Equal("u7", _bench.Session.Stops.Single().TurnId);
    }

    [Fact]
    public async Task Asked_to_stop_a_turn_only_announced_it_stops_that_one()
    {
        _bench.Session.Answer("turn/start", _ => new TaskCompletionSource<string>().Task);
        var run = _bench.Run();
        await _bench.CalledAsync("turn/start");
        _bench.Stop();
        _bench.TurnStarted(turn: "u8");
        Assert.IsType<Outcome.Cancelled>(await TurnBench.EndOf(run));
        Assert.Equal("u8", _bench.Session.Stops.Single().TurnId);
    }

    [Fact]
    public async Task Asked_to_stop_a_turn_whose_name_never_comes_it_stops_the_thread()
    {
        _bench.Session.Answer("turn/start", _ => new TaskCompletionSource<string>().Task);
        var run = _bench.Run();
        await _bench.CalledAsync("turn/start");
        _bench.Stop();
        Assert.IsType<Outcome.Cancelled>(await _bench.AdvanceToEndAsync(run, TimeSpan.FromSeconds(1)));
        Assert.Equal(("t1", null), _bench.Session.Stops.Select(s => (s.ThreadId, s.TurnId)).Single());
    }

    [Fact]
    public async Task Asked_to_stop_a_turn_that_is_refused_nothing_ran()
    {
        _bench.Session.Answer("turn/start", _ =>
        {
            _bench.Stop();
            throw new RpcErrorException("turn/start", new RpcError(RpcError.Overloaded, "Server overloaded; retry later."));
        });
        Assert.Same(StopProof.NothingRan, Assert.IsType<Outcome.Cancelled>(await TurnBench.EndOf(_bench.Run())).Proof);
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
