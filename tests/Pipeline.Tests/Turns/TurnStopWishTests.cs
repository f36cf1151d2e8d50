using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Turns;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Turns;

/// <summary>The wish to stop, at every moment of a run.</summary>
public sealed class TurnStopWishTests : IDisposable
{
    private readonly TurnBench _bench = new();

    public void Dispose() => _bench.Dispose();

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
        await StopAndWaitAsync();
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
        await StopAndWaitAsync();
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

    // The run has heard the wish and waits for the turn's name.
    private async Task StopAndWaitAsync()
    {
        var before = _bench.Time.Set;
        _bench.Stop();
        await TurnBench.EventuallyAsync(() => _bench.Time.Set > before || !_bench.Session.Stops.IsEmpty, "the run hears the wish");
        Assert.Empty(_bench.Session.Stops);
    }
}
