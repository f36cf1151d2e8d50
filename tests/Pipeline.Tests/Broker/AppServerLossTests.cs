using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Tests.Broker.Shared;
using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.Pipeline.Tests.Turns;
using CodexCompanion.Pipeline.Turns;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Broker;

/// <summary>The app-server dies, hangs, grows or does not start: its turns end at once, and the next request is served or told why not.</summary>
public sealed class AppServerLossTests : IAsyncLifetime
{
    private readonly SharedBroker _broker = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task When_it_dies_all_its_turns_fail_at_once_with_its_exit_code_and_the_next_request_gets_another_one()
    {
        var users = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => _broker.ConnectAsync($"job-{n}")));
        var threads = await Task.WhenAll(users.Select(u => u.StartThreadAsync()));
        await Task.WhenAll(users.Zip(threads, (u, t) => u.StartTurnAsync(t)));
        _broker.Server.Mute["echo"] = true;
        var pending = users[0].CallAsync("echo");
        await Wait.UntilAsync(() => _broker.Server.Count("echo") == 1, "it has heard the request it never answers");

        _broker.Server.Die(new ChildExit(Code: 101, Signal: null));

        await Task.WhenAll(users.Select(u => u.HeardAsync("broker/appServerLost")));
        Assert.Contains("101", users[2].Heard.Single(m => m.Method == "broker/appServerLost").ReadParams().GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(RpcError.AppServerLost, (await pending).Error?.Code);
        Assert.Equal(0, _broker.Board.Threads.CountTurns());

        await users[1].StartThreadAsync();
        Assert.Equal(2, _broker.Servers.Count);
        var status = await users[1].ResultAsync("broker/status");
        Assert.Equal(1, status.GetProperty("appServerRestarts").GetInt32());
        Assert.Contains("101", status.GetProperty("lastAppServerEnd").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Those_who_had_nothing_there_hear_nothing_of_its_death()
    {
        var idle = await _broker.ConnectAsync("idle");
        var user = await _broker.ConnectAsync("user");
        await user.StartThreadAsync();

        _broker.Server.Die();

        await user.HeardAsync("broker/appServerLost");
        await idle.ResultAsync("echo");
        Assert.Empty(idle.Heard);
    }

    [Fact]
    public async Task One_that_keeps_dying_is_started_three_times_more_and_more_slowly_and_then_given_up()
    {
        var time = new ManualTime();
        await using var broker = new SharedBroker(time: time)
        {
            Refuse = n => new AppServerStart.Failed(FailureKind.CodexBroken, $"It exited with code {n}."),
        };
        var moment = TimeSpan.FromMilliseconds(1);
        foreach (var (n, wait) in ((int, int)[])[(1, 0), (2, 250), (3, 1000)])
        {
            var getting = broker.Board.Servers.GetAsync(CancellationToken.None);
            if (wait > 0)
            {
                var fired = time.Fired;
                time.Advance(TimeSpan.FromMilliseconds(wait) - moment);
                Assert.Equal(fired, time.Fired); // Not yet.
                time.Advance(moment);
            }

            Assert.Equal($"It exited with code {n}.", (await getting.WaitAsync(TimeSpan.FromSeconds(30))).Failure?.Message);
        }

        Assert.True(broker.Board.Servers.KeepsDying);

        // Given up: nothing is started any more, and whoever still asks hears why.
        Assert.Contains("keeps dying", (await broker.Board.Servers.GetAsync(CancellationToken.None)).Failure?.Message, StringComparison.Ordinal);
        Assert.Equal(3, broker.Board.Servers.Starts);
    }

    [Fact]
    public async Task One_that_served_a_turn_may_die_as_often_as_it_likes()
    {
        var user = await _broker.ConnectAsync();
        for (var n = 1; n <= 5; n++)
        {
            var thread = await user.StartThreadAsync();
            await user.StartTurnAsync(thread);
            _broker.Server.EndTurn(thread);
            await user.HeardAsync("turn/completed", n);
            _broker.Server.Die();
            await user.HeardAsync("broker/appServerLost", n);
        }

        Assert.Equal(5, _broker.Servers.Count);
        Assert.False(_broker.Board.Servers.KeepsDying);
    }

    [Fact]
    public async Task One_that_grew_too_large_gets_no_new_work_and_is_replaced_when_its_turns_have_ended()
    {
        var ann = await _broker.ConnectAsync("ann");
        var ben = await _broker.ConnectAsync("ben");
        var thread = await ann.StartThreadAsync();
        await ann.StartTurnAsync(thread);
        var old = _broker.Server;
        Assert.NotNull(_broker.Board.Servers.Current);
        _broker.Board.Servers.Current.Tainted = true; // What the look at its memory comes to, see below.

        await _broker.Board.ReplaceWornOutAsync(long.MaxValue);
        Assert.False(old.Process.Peer.Ended.IsCompleted);
        await ben.StartThreadAsync();
        Assert.NotSame(old, _broker.Server);
        await ann.ResultAsync("echo", TestUser.Thread(thread)); // What it has, it keeps.
        Assert.Equal(1, old.Count("echo"));

        old.EndTurn(thread);
        await ann.HeardAsync("turn/completed");
        await _broker.Board.ReplaceWornOutAsync(long.MaxValue);
        Assert.True(old.Process.Peer.Ended.IsCompleted);
        Assert.Same(_broker.Server.Process, _broker.Board.Servers.Current?.Server);
    }

    [Theory]
    [InlineData("thread/archive")]
    [InlineData("thread/unarchive")]
    public async Task One_that_is_replaced_brings_back_the_thread_it_lets_go_before_it_ends(string call)
    {
        var ann = await _broker.ConnectAsync("ann");
        var thread = await ann.StartThreadAsync();
        await ann.StartTurnAsync(thread);
        _broker.Server.EndTurn(thread);
        await ann.HeardAsync("turn/completed");
        _broker.Board.Servers.Current!.Tainted = true;
        _broker.Server.Mute[call] = true;
        var released = ann.ResultAsync("broker/thread/release", TestUser.Thread(thread));
        await Wait.UntilAsync(() => _broker.Server.Count(call) == 1, "the thread is being let go");

        var replaced = _broker.Board.ReplaceWornOutAsync(long.MaxValue);
        var finished = _broker.Board.Releaser.FinishAsync(); // As a broker does that exits.
        Assert.False(_broker.Server.Process.Peer.Ended.IsCompleted || replaced.IsCompleted || finished.IsCompleted);
        _broker.Server.Peer.Reply(_broker.Server.Heard.Single(m => m.Method == call).Id, RpcJson.EmptyObject);
        await released;
        await finished;
        await replaced;
        Assert.Equal(1, _broker.Server.Count("thread/unarchive"));
        Assert.True(_broker.Server.Process.Peer.Ended.IsCompleted);
    }

    [Fact]
    public async Task One_that_never_answers_holds_nobody_but_who_asked()
    {
        var ann = await _broker.ConnectAsync("ann");
        var ben = await _broker.ConnectAsync("ben");
        await ann.StartThreadAsync();
        _broker.Server.Mute["thread/start"] = true;
        var never = ann.CallAsync("thread/start");

        await ben.ResultAsync("echo");
        await ann.ResultAsync("broker/status");
        Assert.False(never.IsCompleted);
    }

    [Fact]
    public async Task One_that_closes_its_output_is_lost_like_one_that_died()
    {
        var user = await _broker.ConnectAsync();
        await user.StartThreadAsync();
        await _broker.Server.RawOutput.DisposeAsync();

        await user.HeardAsync("broker/appServerLost");
        await user.StartThreadAsync();
        Assert.Equal(2, _broker.Servers.Count);
    }
}
