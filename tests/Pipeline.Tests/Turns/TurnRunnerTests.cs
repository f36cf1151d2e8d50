using CodexCompanion.Pipeline.Turns;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Turns;

public sealed class TurnRunnerTests : IDisposable
{
    private readonly TurnBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_turn_runs_from_thread_to_release()
    {
        var run = await _bench.RunToTurnAsync();
        Assert.True(_bench.Progress.TurnSent);
        _bench.Message("Hello.");
        _bench.TurnDone();

        var done = Assert.IsType<Outcome.Completed>(await TurnBench.EndOf(run));
        Assert.Equal("Hello.", done.Value.FinalText);
        Assert.Equal(("t1", "u1", "m-1", "high"), (done.Value.ThreadId, done.Value.TurnId, done.Value.Model, done.Value.Effort));
        Assert.False(done.Value.EndInferred);
        Assert.Equal(
            ["config/read", "thread/start", "turn/start", "thread/name/set"], _bench.Session.Calls.Select(c => c.Method));
        Assert.Equal(["t1"], _bench.Session.Released);
        Assert.Equal(_bench.Request.ThreadName, _bench.Session.ParamsOf("thread/name/set").GetProperty("name").GetString());
        Assert.Equal(("t1", "u1"), (_bench.Progress.ThreadId, _bench.Progress.TurnId));
        Assert.Empty(_bench.Session.Stops);
    }

    [Fact]
    public async Task The_thread_is_opened_while_the_request_is_being_recorded_and_its_turn_is_sent_after_that()
    {
        var recorded = new TaskCompletionSource();
        _bench.Recorded = recorded.Task;
        var run = _bench.Run();
        await _bench.CalledAsync("thread/start");
        Assert.Equal(0, _bench.Session.Count("turn/start"));
        Assert.False(_bench.Progress.TurnSent);
        Assert.Empty(_bench.Events); // Nobody is told of what may come to nothing.

        recorded.SetResult();
        await _bench.CalledAsync("turn/start");
        _bench.TurnDone();
        Assert.IsType<Outcome.Completed>(await TurnBench.EndOf(run));
    }

    [Fact]
    public async Task No_turn_is_sent_of_a_request_that_cannot_be_recorded()
    {
        _bench.Recorded = Task.FromException(new InvalidDataException("no"));
        await Assert.ThrowsAsync<InvalidDataException>(_bench.Run);
        await _bench.CalledAsync("thread/start");
        Assert.Equal(0, _bench.Session.Count("turn/start"));
        Assert.False(_bench.Progress.TurnSent);
        Assert.Empty(_bench.Events);
    }

    [Fact]
    public async Task The_thread_is_told_before_the_turn_and_the_turn_before_its_progress()
    {
        _bench.Session.Answer("turn/start", _ =>
        {
            _bench.TurnStarted();
            _bench.Started(Item.Command("c1", "ls", "inProgress"));
            _bench.Message("Early.");
            _bench.TurnDone();
            return Task.FromResult("""{"turn":{"id":"u1"}}""");
        });

        var done = Assert.IsType<Outcome.Completed>(await TurnBench.EndOf(_bench.Run()));

        Assert.Equal("Early.", done.Value.FinalText);
        var told = _bench.Events.Select(e => e.GetType().Name).ToList();
        Assert.True(told.IndexOf(nameof(RunEvent.ThreadKnown)) < told.IndexOf(nameof(RunEvent.TurnAccepted)));
        Assert.True(told.IndexOf(nameof(RunEvent.TurnAccepted)) < told.IndexOf(nameof(RunEvent.Block)));
        Assert.Equal(new RunEvent.ThreadKnown("t1", "m-1", "high") { Sandbox = SandboxMode.ReadOnly }, _bench.Events.OfType<RunEvent.ThreadKnown>().Single());
        Assert.Equal(new RunEvent.TurnAccepted("t1", "u1"), _bench.Events.OfType<RunEvent.TurnAccepted>().Single());
    }

    [Fact]
    public async Task An_answer_without_a_turn_id_takes_the_turn_the_server_announces()
    {
        _bench.Session.Answer("turn/start", "{}");
        var run = _bench.Run();
        await _bench.CalledAsync("turn/start");
        _bench.TurnStarted(turn: "u9");
        _bench.Message("Nine.", turn: "u9");
        _bench.TurnDone(turn: "u9");

        var done = Assert.IsType<Outcome.Completed>(await TurnBench.EndOf(run));
        Assert.Equal(("u9", "Nine."), (done.Value.TurnId, done.Value.FinalText));
        Assert.Equal("u9", _bench.Progress.TurnId);
    }

    [Fact]
    public async Task A_resumed_thread_keeps_its_name()
    {
        _bench.Request = _bench.Request with { ThreadId = "t1" };
        var run = await _bench.RunToTurnAsync();
        _bench.TurnDone();
        await TurnBench.EndOf(run);

        Assert.Equal(1, _bench.Session.Count("thread/resume"));
        Assert.Equal(0, _bench.Session.Count("thread/start"));
        Assert.Equal(0, _bench.Session.Count("thread/name/set"));
    }

    [Fact]
    public async Task A_thread_is_named_while_its_turn_goes_on_as_soon_as_the_server_keeps_a_record_of_it()
    {
        var run = await _bench.RunToTurnAsync();
        Assert.Equal(0, _bench.Session.Count("thread/name/set"));
        _bench.Message("Fine so far.");
        await _bench.CalledAsync("thread/name/set");
        Assert.False(run.IsCompleted);
        _bench.TurnDone();
        await TurnBench.EndOf(run);
        Assert.Equal(1, _bench.Session.Count("thread/name/set"));
    }

    [Fact]
    public async Task A_server_that_refuses_the_name_too_early_is_asked_again_after_the_turn()
    {
        _bench.Session.Refuse("thread/name/set", -32603, "rollout is empty");
        var run = await _bench.RunToTurnAsync();
        _bench.Message("Fine.");
        await _bench.CalledAsync("thread/name/set");
        _bench.Session.Answer("thread/name/set", "{}");
        _bench.TurnDone();
        await TurnBench.EndOf(run);
        Assert.Equal(2, _bench.Session.Count("thread/name/set"));
        Assert.DoesNotContain(_bench.Lines, line => line.Contains("no name", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_thread_that_cannot_be_named_costs_nothing_but_its_name()
    {
        _bench.Session.Answer("thread/name/set", _ => new TaskCompletionSource<string>().Task);
        var run = await _bench.RunToTurnAsync();
        _bench.Message("Fine.");
        _bench.TurnDone();

        var done = Assert.IsType<Outcome.Completed>(await _bench.AdvanceToEndAsync(run, TimeSpan.FromSeconds(1)));
        Assert.Equal("Fine.", done.Value.FinalText);
        Assert.Equal(["t1"], _bench.Session.Released);
    }

    [Fact]
    public async Task An_ephemeral_thread_is_neither_named_nor_released()
    {
        _bench.Request = _bench.Request with { Ephemeral = true };
        var run = await _bench.RunToTurnAsync();
        _bench.TurnDone();
        await TurnBench.EndOf(run);

        Assert.True(_bench.Session.ParamsOf("thread/start").GetProperty("ephemeral").GetBoolean());
        Assert.Equal(0, _bench.Session.Count("thread/name/set"));
        Assert.Empty(_bench.Session.Released);
    }

    [Fact]
    public async Task What_the_policy_answered_for_the_turn_is_told()
    {
        var run = await _bench.RunToTurnAsync();
        _bench.Session.SayAnswered("Declined to approve a command (rm): nobody is there to ask.");
        _bench.TurnDone();
        await TurnBench.EndOf(run);
        Assert.Contains("Declined to approve a command (rm): nobody is there to ask.", _bench.Notes);
    }

}
