using System.Text;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Rpc;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Broker;

public sealed class ThreadTableTests : IAsyncLifetime
{
    private readonly ThreadTable _threads = new();
    private readonly AppServerSlot _slot = Slots.New();
    private readonly TestClient _ann = new();
    private readonly TestClient _ben = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _ann.DisposeAsync();
        await _ben.DisposeAsync();
    }

    [Fact]
    public async Task What_is_said_of_a_thread_before_its_start_is_answered_is_handed_over_in_order()
    {
        _threads.Expect();
        for (var n = 0; n < 20; n++)
        {
            Deliver("mine", $"early {n}");
            Deliver("other", $"foreign {n}");
        }

        Assert.NotNull(_threads.Claim("mine", _slot, _ann.Connection, started: true));
        Deliver("mine", "live");

        foreach (var expected in Enumerable.Range(0, 20).Select(n => $"early {n}").Append("live"))
            Assert.Equal(expected, (await _ann.Side.ReadAsync()).Method);
    }

    [Fact]
    public async Task Two_threads_started_side_by_side_get_each_its_own_early_events()
    {
        _threads.Expect();
        _threads.Expect();
        Deliver("of ann", "1");
        Deliver("of ben", "2");
        _threads.Claim("of ann", _slot, _ann.Connection, started: true);
        _threads.ExpectNoMore();
        _threads.Claim("of ben", _slot, _ben.Connection, started: true);
        _threads.ExpectNoMore();

        Assert.Equal("1", (await _ann.Side.ReadAsync()).Method);
        Assert.Equal("2", (await _ben.Side.ReadAsync()).Method);
    }

    [Fact]
    public async Task The_last_words_of_a_thread_that_was_let_go_reach_nobody_who_takes_it_next()
    {
        var entry = _threads.Claim("t", _slot, _ann.Connection);
        Assert.NotNull(entry);
        _threads.Remove(entry);
        Deliver("t", "thread/archived");
        _threads.Expect();
        Deliver("t", "thread/closed");
        _threads.Claim("t", _slot, _ben.Connection);
        Deliver("t", "live");

        Assert.Equal("live", (await _ben.Side.ReadAsync()).Method);
    }

    [Fact]
    public async Task However_many_threads_were_let_go_the_next_one_gets_its_early_events()
    {
        for (var n = 0; n < 2000; n++)
            Deliver($"gone {n}", "thread/closed");
        _threads.Expect();
        Deliver("new", "thread/started");
        _threads.Claim("new", _slot, _ann.Connection, started: true);

        Assert.Equal("thread/started", (await _ann.Side.ReadAsync()).Method);
    }

    [Fact]
    public async Task Early_events_are_forgotten_when_no_thread_is_expected_any_more()
    {
        _threads.Expect();
        Deliver("t", "early");
        _threads.ExpectNoMore();
        _threads.Expect();
        _threads.Claim("t", _slot, _ann.Connection, started: true);
        Deliver("t", "live");

        Assert.Equal("live", (await _ann.Side.ReadAsync()).Method);
    }

    [Fact]
    public async Task What_another_app_server_says_of_a_thread_reaches_nobody()
    {
        var other = Slots.New(generation: 2);
        _threads.Expect();
        Deliver("t", "early of another", other);
        _threads.Claim("t", _slot, _ann.Connection, started: true);
        Deliver("t", "of another", other);
        Deliver("t", "live");

        Assert.Equal("live", (await _ann.Side.ReadAsync()).Method);
    }

    [Theory]
    [InlineData("""{"thread":{"id":"child","parentThreadId":"parent"}}""")]
    [InlineData("""{"thread":{"id":"child","source":{"subAgent":{"thread_spawn":{"parent_thread_id":"parent","depth":1}}}}}""")]
    [InlineData("""{"thread":{"id":"child","parentThreadId":null,"source":{"subagent":{"thread_spawn":{"parent_thread_id":"parent"}}}}}""")]
    public void A_subagents_thread_belongs_to_its_parents_owner(string parameters)
    {
        _threads.Claim("parent", _slot, _ann.Connection);

        Assert.Same(_ann.Connection, _threads.Route(_slot, "child", Message("thread/started", parameters)));
        Assert.Same(_ann.Connection, _threads.Route(_slot, "child", Message("item/started")));
        Assert.Null(_threads.Claim("child", _slot, _ben.Connection));
    }

    [Theory]
    [InlineData("""{"thread":{"id":"child","source":"appServer"}}""")]
    [InlineData("""{"thread":{"id":"child","source":{"subAgent":"review"}}}""")]
    [InlineData("""{"thread":{"id":"child","parentThreadId":"unknown"}}""")]
    [InlineData("""{"thread":"child"}""")]
    [InlineData("""{}""")]
    public void A_thread_without_a_known_parent_belongs_to_nobody(string parameters)
    {
        _threads.Claim("parent", _slot, _ann.Connection);

        Assert.Null(_threads.Route(_slot, "child", Message("thread/started", parameters)));
        Assert.Null(_threads.Find("child"));
    }

    [Fact]
    public void Subagents_of_subagents_go_with_the_first_parent()
    {
        var parent = _threads.Claim("parent", _slot, _ann.Connection);
        Assert.NotNull(parent);
        Spawn("child", "parent");
        Spawn("grandchild", "child");
        _threads.Claim("stranger", _slot, _ann.Connection);

        Assert.Equal(["child", "grandchild", "parent"], _threads.Remove(parent).Select(t => t.Id).Order(StringComparer.Ordinal));
        Assert.Single(_threads.Where(_ => true));
    }

    [Fact]
    public void A_thread_that_a_client_has_is_refused_to_others_and_given_to_it_again()
    {
        var entry = _threads.Claim("t", _slot, _ann.Connection);

        Assert.Null(_threads.Claim("t", _slot, _ben.Connection));
        Assert.Same(entry, _threads.Claim("t", _slot, _ann.Connection));
    }

    [Fact]
    public void A_thread_without_owner_is_given_to_the_next_unless_its_turn_is_still_being_stopped()
    {
        var entry = _threads.Claim("t", _slot, _ann.Connection);
        Assert.NotNull(entry);
        _threads.BeginTurn(entry, "job");
        entry.Owner = null;

        Assert.Null(_threads.Route(_slot, "t", Message("item/started")));
        Assert.Null(_threads.Claim("t", _slot, _ben.Connection));
        _threads.EndTurn(entry, turnId: null);
        Assert.Same(_ben.Connection, _threads.Claim("t", _slot, _ben.Connection)?.Owner);
    }

    [Fact]
    public void A_thread_of_an_app_server_that_is_gone_can_be_claimed_anew_in_another()
    {
        _threads.Claim("t", _slot, _ann.Connection);
        var next = Slots.New(generation: 2);

        Assert.Same(next, _threads.Claim("t", next, _ben.Connection)?.Slot);
    }

    [Fact]
    public void A_thread_has_one_turn_at_a_time()
    {
        var entry = _threads.Claim("t", _slot, _ann.Connection);
        Assert.NotNull(entry);

        Assert.NotNull(_threads.BeginTurn(entry, "job"));
        Assert.Null(_threads.BeginTurn(entry, "job"));
        Assert.NotNull(_threads.EndTurn(entry, turnId: null));
        Assert.NotNull(_threads.BeginTurn(entry, "job"));
    }

    [Theory]
    [InlineData("u1", "u1", true)]
    [InlineData("u1", "u2", false)]
    [InlineData("u1", null, true)]
    [InlineData(null, "u2", true)]
    public void A_turn_ends_by_its_id_unless_either_is_not_known(string? running, string? ended, bool ends)
    {
        var entry = _threads.Claim("t", _slot, _ann.Connection);
        Assert.NotNull(entry);
        var turn = _threads.BeginTurn(entry, "job");
        Assert.NotNull(turn);
        turn.TurnId = running;

        Assert.Equal(ends ? turn : null, _threads.EndTurn(entry, ended));
        Assert.False(turn.Ended.IsCompleted); // Its owner is told first.
        Assert.Equal(ends ? 0 : 1, _threads.CountTurns());
        Assert.False(ends && _threads.EndTurn(entry, ended) is not null);
    }

    [Fact]
    public void An_app_server_that_ends_takes_its_own_threads_with_it_and_ends_their_turns()
    {
        var next = Slots.New(generation: 2);
        var lost = _threads.Claim("lost", _slot, _ann.Connection);
        var kept = _threads.Claim("kept", next, _ben.Connection);
        Assert.True(lost is not null && kept is not null);
        var lostTurn = _threads.BeginTurn(lost, "job");
        var keptTurn = _threads.BeginTurn(kept, "job");
        Assert.Equal((1, 1, 2), (_threads.CountTurns(_slot), _threads.CountTurns(next), _threads.CountTurns()));

        Assert.Equal([lost], _threads.RemoveAll(_slot));
        Assert.True(lostTurn?.Ended.IsCompleted);
        Assert.False(keptTurn?.Ended.IsCompleted);
        Assert.Null(_threads.Find("lost"));
        Assert.Same(kept, _threads.Find("kept"));
    }

    // As the router does it.
    private void Deliver(string threadId, string method, AppServerSlot? slot = null)
    {
        var message = Message(method);
        _threads.Route(slot ?? _slot, threadId, message)?.Send(message.Line);
    }

    private void Spawn(string child, string parent) =>
        _threads.Route(_slot, child, Message("thread/started", $$$"""{"thread":{"id":"{{{child}}}","parentThreadId":"{{{parent}}}"}}"""));

    private static RpcMessage Message(string method, string parameters = "{}") =>
        RpcMessage.Parse(RpcMembers.Compose(default, method, "params"u8, Encoding.UTF8.GetBytes(parameters)), out _)!;
}
