using System.Text;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Tests.Broker.Shared;
using CodexCompanion.Pipeline.Tests.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Broker;

/// <summary>Many clients, one app-server: nobody waits for anybody else, and nobody hears what is not his.</summary>
public sealed class ManyClientsTests : IAsyncLifetime
{
    private const int Clients = 32;
    private const int EventsEach = 50;

    private readonly SharedBroker _broker = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task Thirty_two_turns_run_at_once_on_one_app_server_and_each_client_hears_its_own_thread_only()
    {
        var users = await Task.WhenAll(Enumerable.Range(0, Clients).Select(n => _broker.ConnectAsync($"job-{n}")));
        var threads = await Task.WhenAll(users.Select(u => u.StartThreadAsync()));
        await Task.WhenAll(users.Zip(threads, (u, t) => u.StartTurnAsync(t)));

        Assert.Single(_broker.Servers);
        Assert.Equal(Clients, _broker.Board.Threads.CountTurns());
        Assert.Equal(Clients, _broker.Server.Turns.Count);
        for (var n = 0; n < EventsEach; n++)
        {
            foreach (var thread in threads)
                _broker.Server.Say(thread, "item/completed", $"\"item\":{{\"id\":\"{thread}/{n}\"}}");
        }

        foreach (var thread in threads)
            _broker.Server.EndTurn(thread);
        await Task.WhenAll(users.Select(u => u.HeardAsync("turn/completed")));

        for (var n = 0; n < Clients; n++)
        {
            Assert.Equal([threads[n]], users[n].ThreadsHeardOf);
            Assert.Equal(
                Enumerable.Range(0, EventsEach).Select(e => $"{threads[n]}/{e}"),
                users[n].Heard.Where(m => m.Method == "item/completed").Select(m => m.ReadParams().GetProperty("item").GetProperty("id").GetString()!));
        }

        Assert.Equal(0, _broker.Board.Threads.CountTurns());
    }

    [Fact]
    public async Task What_the_app_server_says_after_an_answer_does_not_overtake_it()
    {
        var user = await _broker.ConnectAsync();
        var thread = await user.StartThreadAsync();
        _broker.Server.EndsTurnsAtOnce = true;

        for (var n = 0; n < 50; n++)
        {
            var heardBefore = -1;
            await user.Peer.CallAsync(
                "turn/start", Encoding.UTF8.GetBytes(TestUser.Thread(thread)), Wait.Limit, _ => heardBefore = user.Heard.Count(m => m.Method == "turn/completed"));
            Assert.Equal(n, heardBefore);
            await user.HeardAsync("turn/completed", n + 1);
        }
    }

    [Fact]
    public async Task A_read_is_answered_while_every_client_has_a_turn_running()
    {
        var users = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => _broker.ConnectAsync($"job-{n}")));
        await Task.WhenAll(users.Select(async u => await u.StartTurnAsync(await u.StartThreadAsync())));

        foreach (var user in users)
            Assert.Equal("hello", (await user.ResultAsync("echo", """{"text":"hello"}""")).GetProperty("text").GetString());
        Assert.Equal(8, _broker.Board.Threads.CountTurns());
    }

    [Fact]
    public async Task An_interrupt_ends_the_turn_it_names_and_no_other()
    {
        var users = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => _broker.ConnectAsync($"job-{n}")));
        var threads = await Task.WhenAll(users.Select(u => u.StartThreadAsync()));
        var turns = await Task.WhenAll(users.Zip(threads, (u, t) => u.StartTurnAsync(t)));

        await users[3].ResultAsync("broker/turn/stop", $$"""{"threadId":"{{threads[3]}}","turnId":"{{turns[3]}}","jobId":"job-3"}""");

        await users[3].HeardAsync("turn/completed");
        Assert.Equal(5, _broker.Server.Turns.Count);
        Assert.DoesNotContain(threads[3], _broker.Server.Turns.Keys);
        Assert.All(users.Where((_, n) => n != 3), u => Assert.DoesNotContain(u.Heard, m => m.Method == "turn/completed"));
        var interrupt = Assert.Single(_broker.Server.Heard, m => m.Method == "turn/interrupt");
        Assert.Equal(turns[3], interrupt.ReadParams().GetProperty("turnId").GetString());
    }

    [Fact]
    public async Task Subagents_of_subagents_speak_to_the_owner_of_the_first_thread()
    {
        var ann = await _broker.ConnectAsync("ann");
        var ben = await _broker.ConnectAsync("ben");
        var thread = await ann.StartThreadAsync();
        await ben.StartThreadAsync();
        await ann.StartTurnAsync(thread);

        var child = _broker.Server.Spawn(thread);
        var grandchild = _broker.Server.Spawn(child);
        _broker.Server.Say(child, "item/completed");
        _broker.Server.Say(grandchild, "item/completed");
        _broker.Server.EndTurn(thread);
        await ann.HeardAsync("turn/completed");

        Assert.Equal([thread, child, grandchild], ann.ThreadsHeardOf);
        Assert.DoesNotContain(child, ben.ThreadsHeardOf);
    }

    [Fact]
    public async Task A_client_that_goes_away_has_its_turn_stopped_and_the_next_one_hears_nothing_of_it()
    {
        var gone = await _broker.ConnectAsync("gone");
        var thread = await gone.StartThreadAsync();
        await gone.StartTurnAsync(thread);
        var child = _broker.Server.Spawn(thread);
        gone.HangUp();
        var next = await _broker.ConnectAsync("next");
        await Wait.UntilAsync(() => _broker.Server.Turns.Count == 0, "the turn is interrupted");
        _broker.Server.Say(thread, "item/completed");
        _broker.Server.Say(child, "item/completed");

        await Wait.UntilAsync(() => _broker.Server.Count("thread/unarchive") >= 2, "both threads are let go");
        await next.ResultAsync("echo");
        Assert.Empty(next.ThreadsHeardOf);
        Assert.Empty(_broker.Board.Threads.Where(_ => true));
    }

    [Fact]
    public async Task Who_resumes_a_thread_that_a_vanished_client_left_waits_until_it_is_free_and_keeps_it()
    {
        var gone = await _broker.ConnectAsync("gone");
        var thread = await gone.StartThreadAsync();
        await gone.StartTurnAsync(thread);
        _broker.Server.Mute["thread/backgroundTerminals/clean"] = true; // The turn ends at once, and clearing up after it takes a while.
        gone.HangUp();
        var next = await _broker.ConnectAsync("next");
        await Wait.UntilAsync(() => _broker.Server.Count("thread/backgroundTerminals/clean") == 1, "its turn has ended, and it is being cleared up");

        var resumed = next.ResultAsync("thread/resume", TestUser.Thread(thread));
        await next.ResultAsync("echo");
        Assert.Equal(0, _broker.Server.Count("thread/resume"));
        _broker.Server.Peer.Reply(_broker.Server.Heard.Single(m => m.Method == "thread/backgroundTerminals/clean").Id, RpcJson.EmptyObject);
        await resumed;
        Assert.Equal(
            ["thread/archive", "thread/unarchive", "thread/resume"], _broker.Server.Heard.Where(m => m.ThreadId == thread).Select(m => m.Method).TakeLast(3));
        await next.StartTurnAsync(thread);
        _broker.Server.EndTurn(thread);
        await next.HeardAsync("turn/completed");
    }

    [Fact]
    public async Task What_is_begun_on_a_thread_while_it_is_let_go_is_let_go_in_its_turn()
    {
        var gone = await _broker.ConnectAsync("gone");
        var thread = await gone.StartThreadAsync();
        _broker.Server.Mute["thread/delete"] = true;
        gone.HangUp();
        var hasty = await _broker.ConnectAsync("hasty");
        await Wait.UntilAsync(() => _broker.Server.Count("thread/delete") == 1, "the thread is being let go");

        _ = hasty.Peer.CallAsync("turn/start", Encoding.UTF8.GetBytes(TestUser.Thread(thread)), Wait.Limit);
        await hasty.ResultAsync("echo");
        hasty.HangUp();

        // Its turn waits for the thread; one that did not would be stopped by now.
        await Wait.UntilAsync(() => _broker.Board.Clients.Count == 1 || _broker.Server.Count("thread/backgroundTerminals/clean") == 1, "its end is noticed");
        _broker.Server.Mute.Clear();
        _broker.Server.Peer.Reply(_broker.Server.Heard.Single(m => m.Method == "thread/delete").Id, RpcJson.EmptyObject);

        await Wait.UntilAsync(() => _broker.Board.Clients.Count == 0 && _broker.Board.Threads.Where(_ => true).Count == 0 && _broker.Server.Turns.Count == 0, "nobody has it");
    }

    [Theory]
    [InlineData("thread/start", false, "thread/delete")]
    [InlineData("thread/start", true, "thread/archive,thread/unarchive")]
    [InlineData("thread/fork", false, "thread/archive,thread/unarchive")]
    public async Task A_thread_without_a_turn_is_let_go_without_a_trace_and_no_other(string begun, bool isUsed, string calls)
    {
        var ann = await _broker.ConnectAsync("ann");
        var thread = (await ann.ResultAsync(begun)).GetProperty("thread").GetProperty("id").GetString()!;
        if (isUsed)
        {
            await ann.StartTurnAsync(thread);
            _broker.Server.EndTurn(thread);
            await ann.HeardAsync("turn/completed");
        }

        await ann.ResultAsync("broker/thread/release", TestUser.Thread(thread));

        Assert.Equal(calls.Split(','), _broker.Server.Heard.Where(m => m.ThreadId == thread).Select(m => m.Method).Where(m => m != "turn/start"));
        Assert.Empty(_broker.Board.Threads.Where(_ => true));
    }

    [Fact]
    public async Task A_thread_whose_turn_was_refused_is_not_deleted_since_it_may_have_begun()
    {
        var ann = await _broker.ConnectAsync("ann");
        var thread = await ann.StartThreadAsync();
        _broker.Server.Mute["turn/start"] = true;
        var turn = ann.CallAsync("turn/start", TestUser.Thread(thread));
        await Wait.UntilAsync(() => _broker.Server.Count("turn/start") == 1, "the turn is asked for");
        _broker.Server.Peer.ReplyError(_broker.Server.Heard.Single(m => m.Method == "turn/start").Id, RpcError.InvalidRequest, "no");
        Assert.NotNull((await turn).Error);

        await ann.ResultAsync("broker/thread/release", TestUser.Thread(thread));
        Assert.Equal(0, _broker.Server.Count("thread/delete"));
        Assert.Equal(1, _broker.Server.Count("thread/archive"));
    }

    [Fact]
    public async Task A_thread_in_use_can_be_taken_by_nobody_else_and_after_its_client_has_gone_by_everybody()
    {
        var ann = await _broker.ConnectAsync("ann");
        var ben = await _broker.ConnectAsync("ben");
        var thread = await ann.StartThreadAsync();
        await ann.StartTurnAsync(thread);

        Assert.Equal(RpcError.ThreadInUse, (await ben.CallAsync("thread/resume", TestUser.Thread(thread))).Error?.Code);
        Assert.Equal(RpcError.ThreadInUse, (await ben.CallAsync("turn/start", TestUser.Thread(thread))).Error?.Code);
        Assert.Equal(RpcError.ThreadInUse, (await ann.CallAsync("turn/start", TestUser.Thread(thread))).Error?.Code);

        ann.HangUp();
        await Wait.UntilAsync(() => _broker.Board.Threads.Where(_ => true).Count == 0, "the thread is let go");
        Assert.Null((await ben.CallAsync("thread/resume", TestUser.Thread(thread))).Error);
    }

    [Fact]
    public async Task Whoever_only_connects_is_hung_up_on()
    {
        var time = new Turns.ManualTime();
        await using var broker = new SharedBroker(time: time);
        var stranger = broker.Connect();
        var user = await broker.ConnectAsync();
        await Wait.UntilAsync(() => broker.Board.Clients.Count == 2, "both are connected");

        time.Advance(TimeSpan.FromSeconds(11));

        await stranger.Peer.Ended.WaitAsync(Wait.Limit);
        await user.ResultAsync("echo");
        Assert.Contains("did not introduce itself", broker.Bench.LogText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_floods_is_read_slowly_and_delays_nobody()
    {
        var flood = await _broker.ConnectAsync("flood");
        var other = await _broker.ConnectAsync("other");
        var notes = Encoding.UTF8.GetBytes("{}");
        for (var n = 0; n < 20_000; n++)
            flood.Peer.Notify("nothing", notes);

        for (var n = 0; n < 50; n++)
            await other.ResultAsync("echo");
        Assert.True(flood.Peer.Ended is { IsCompleted: false });
    }

    [Fact]
    public async Task Requests_larger_than_two_prompts_at_once_are_refused()
    {
        var user = await _broker.ConnectAsync();
        await user.ResultAsync("echo");
        _broker.Server.Mute["swallow"] = true;
        var large = $$"""{"text":"{{new string('x', 12 * 1024 * 1024)}}"}""";
        var first = user.CallAsync("swallow", large);
        var second = user.CallAsync("swallow", large);

        Assert.Equal(RpcError.Overloaded, (await user.CallAsync("echo", large)).Error?.Code);
        Assert.Null((await user.CallAsync("echo")).Error);
        Assert.False(first.IsCompleted || second.IsCompleted);
    }
}
