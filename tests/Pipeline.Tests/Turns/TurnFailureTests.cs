using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Turns;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Turns;

/// <summary>Refusals, failures, and connections that are lost on the way.</summary>
public sealed class TurnFailureTests : IDisposable
{
    private readonly TurnBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Notifications_that_come_before_the_thread_is_known_are_not_lost()
    {
        _bench.Session.Answer("thread/start", _ =>
        {
            _bench.Session.Say("thread/started", """{"thread":{"id":"t1"}}""");
            _bench.Session.Say("warning", """{"threadId":"t1","message":"Mind the gap."}""");
            return Task.FromResult("""{"thread":{"id":"t1"}}""");
        });
        var run = await _bench.RunToTurnAsync();
        _bench.TurnDone();
        await TurnBench.EndOf(run);

        Assert.Contains("Warning: Mind the gap.", _bench.Lines);
    }

    [Fact]
    public async Task An_overloaded_server_is_asked_again()
    {
        var asked = 0;
        _bench.Session.Answer("turn/start", _ => ++asked < 3
            ? Task.FromException<string>(new RpcErrorException("turn/start", new RpcError(RpcError.Overloaded, "Server overloaded; retry later.")))
            : Task.FromResult("""{"turn":{"id":"u1"}}"""));
        var run = _bench.Run();
        await _bench.Time.AdvanceUntilAsync(_bench.CalledAsync("turn/start", times: 3), TimeSpan.FromMilliseconds(100));
        await TurnBench.EventuallyAsync(() => _bench.Events.OfType<RunEvent.TurnAccepted>().Any(), "the turn is accepted");
        _bench.TurnDone();
        Assert.IsType<Outcome.Completed>(await TurnBench.EndOf(run));
    }

    [Fact]
    public async Task A_server_that_stays_overloaded_has_no_capacity()
    {
        _bench.Session.Refuse("thread/start", RpcError.Overloaded, "Server overloaded; retry later.");
        var failed = Assert.IsType<Outcome.Failed>(await _bench.AdvanceToEndAsync(_bench.Run(), TimeSpan.FromSeconds(1)));
        Assert.Equal(FailureKind.Capacity, failed.Kind);
        Assert.Equal(6, _bench.Session.Count("thread/start"));
        Assert.False(_bench.Progress.TurnSent);
    }

    [Theory]
    [InlineData("no rollout found for thread id 01a2", FailureKind.ThreadNotFound)]
    [InlineData("rollout /x/y.jsonl is empty", FailureKind.ThreadNotFound)]
    [InlineData("thread not loaded: 01a2", FailureKind.ThreadNotFound)]
    [InlineData("invalid session id: invalid character", FailureKind.ThreadNotFound)]
    [InlineData("thread 01a2 already has an active writer", FailureKind.Busy)]
    [InlineData("session 01a2 is archived. Run `codex unarchive 01a2` to unarchive it first.", FailureKind.Refused)]
    public async Task A_refused_resume_says_what_is_wrong_and_starts_nothing(string message, FailureKind kind)
    {
        _bench.Request = _bench.Request with { ThreadId = "01a2" };
        _bench.Session.Refuse("thread/resume", RpcError.InvalidRequest, message);
        var failed = Assert.IsType<Outcome.Failed>(await TurnBench.EndOf(_bench.Run()));

        Assert.Equal(kind, failed.Kind);
        Assert.Contains(message, failed.Message, StringComparison.Ordinal);
        Assert.Equal(kind == FailureKind.Refused, failed.Hint is null);
        Assert.Equal(0, _bench.Session.Count("turn/start"));
        Assert.False(_bench.Progress.TurnSent);
    }

    [Fact]
    public async Task A_refused_turn_has_the_servers_own_words_and_is_not_counted_as_sent()
    {
        _bench.Session.Refuse("turn/start", -32602, "Input exceeds the maximum length of 1048576 characters.");
        var failed = Assert.IsType<Outcome.Failed>(await TurnBench.EndOf(_bench.Run()));

        Assert.Equal(FailureKind.Refused, failed.Kind);
        Assert.Equal("Input exceeds the maximum length of 1048576 characters.", failed.Message);
        Assert.False(_bench.Progress.TurnSent);
        Assert.Equal(["t1"], _bench.Session.Released);
        Assert.Equal(0, _bench.Session.Count("thread/name/set"));
    }

    [Fact]
    public async Task A_turn_that_fails_keeps_the_servers_sentence_and_what_it_brought()
    {
        var run = await _bench.RunToTurnAsync();
        _bench.Done(Item.Edit("e1", "completed", "/w/a.txt"));
        _bench.TurnDone(status: "failed", error: """{"message":"You've hit your usage limit.","codexErrorInfo":"usageLimitExceeded"}""");

        var failed = Assert.IsType<Outcome.Failed>(await TurnBench.EndOf(run));
        Assert.Equal((FailureKind.UsageLimit, "You've hit your usage limit."), (failed.Kind, failed.Message));
        Assert.Equal(["a.txt"], failed.Result!.TouchedFiles);
        Assert.Equal(["t1"], _bench.Session.Released);
    }

    [Fact]
    public async Task A_turn_somebody_else_interrupted_has_failed()
    {
        var run = await _bench.RunToTurnAsync();
        _bench.Message("Half.");
        _bench.TurnDone(status: "interrupted");

        var failed = Assert.IsType<Outcome.Failed>(await TurnBench.EndOf(run));
        Assert.Equal(FailureKind.TurnFailed, failed.Kind);
        Assert.StartsWith("The turn was interrupted", failed.Message, StringComparison.Ordinal);
        Assert.Equal("Half.", failed.Result!.FinalText);
    }

    [Fact]
    public async Task A_lost_connection_is_thrown_with_all_that_is_known()
    {
        var run = await _bench.RunToTurnAsync();
        _bench.Message("So far.");
        _bench.Session.Lose(LossKind.AppServerDied);

        var lost = await Assert.ThrowsAsync<ConnectionLostException>(() => TurnBench.EndOf(run));
        Assert.Equal(LossKind.AppServerDied, lost.Loss.Kind);
        Assert.True(_bench.Progress.TurnSent);
        Assert.Equal(("t1", "u1", "So far."), (_bench.Progress.ThreadId, _bench.Progress.TurnId, _bench.Progress.Partial!.FinalText));
        Assert.Empty(_bench.Session.Released);
    }

    [Fact]
    public async Task A_turn_that_ended_before_the_connection_was_lost_is_done()
    {
        _bench.Session.Answer("thread/name/set", _ => new TaskCompletionSource<string>().Task);
        var run = await _bench.RunToTurnAsync();
        _bench.Message("Done.");
        _bench.TurnDone();
        _bench.Session.Lose();

        var done = Assert.IsType<Outcome.Completed>(await TurnBench.EndOf(run));
        Assert.Equal("Done.", done.Value.FinalText);
    }

    [Fact]
    public async Task A_mute_server_is_a_lost_connection_before_anything_ran()
    {
        _bench.Session.Answer("thread/start", _ => new TaskCompletionSource<string>().Task);
        var run = _bench.Run();
        await _bench.Time.AdvanceUntilAsync(Task.WhenAny(run), TimeSpan.FromSeconds(5));
        var lost = await Assert.ThrowsAsync<ConnectionLostException>(() => run);
        Assert.Equal(LossKind.Silent, lost.Loss.Kind);
        Assert.False(_bench.Progress.TurnSent);
    }

    [Fact]
    public async Task A_turn_that_was_announced_goes_on_though_its_answer_never_comes()
    {
        _bench.Session.Answer("turn/start", _ => new TaskCompletionSource<string>().Task);
        var run = _bench.Run();
        await _bench.CalledAsync("turn/start");
        _bench.TurnStarted(turn: "u5");
        await _bench.Time.AdvanceUntilAsync(
            TurnBench.EventuallyAsync(() => _bench.Events.OfType<RunEvent.TurnAccepted>().Any(), "it goes on"), TimeSpan.FromSeconds(5));
        _bench.Message("Late.", turn: "u5");
        _bench.TurnDone(turn: "u5");
        var done = Assert.IsType<Outcome.Completed>(await TurnBench.EndOf(run));
        Assert.Equal("Late.", done.Value.FinalText);
    }

    [Theory]
    [InlineData(RpcError.Draining, LossKind.Busy, false)]
    [InlineData(RpcError.AppServerLost, LossKind.AppServerDied, true)]
    public async Task A_server_that_leaves_is_a_lost_connection(int code, LossKind kind, bool inTurn)
    {
        _bench.Session.Refuse(inTurn ? "turn/start" : "thread/start", code, "It leaves.");
        var lost = await Assert.ThrowsAsync<ConnectionLostException>(() => TurnBench.EndOf(_bench.Run()));
        Assert.Equal(kind, lost.Loss.Kind);
        Assert.Equal(inTurn, _bench.Progress.TurnSent);
    }
}
