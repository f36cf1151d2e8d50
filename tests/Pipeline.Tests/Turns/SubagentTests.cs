using CodexCompanion.Pipeline.Turns;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Turns;

/// <summary>Threads the main thread set to work: told of, never the end, never the result.</summary>
public sealed class SubagentTests : IDisposable
{
    private readonly TurnBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private async Task<TurnResult> FinishAsync(Task<Outcome> run)
    {
        _bench.TurnDone();
        return Assert.IsType<Outcome.Completed>(await TurnBench.EndOf(run)).Value;
    }

    [Fact]
    public async Task A_subagent_that_ends_first_ends_nothing_and_replaces_nothing()
    {
        var run = await _bench.RunToTurnAsync();
        _bench.Message("Main.");
        _bench.Session.Say("thread/started", """{"thread":{"id":"s1","parentThreadId":"t1","agentNickname":"Ada"}}""");
        _bench.TurnStarted("s1", "x1");
        _bench.Message("From Ada.", "s1", "x1");
        _bench.Done(Item.Edit("e", "completed", "/w/by-ada.txt"), "s1", "x1");
        _bench.Done("""{"type":"reasoning","id":"r","summary":["Hm."]}""", "s1", "x1");
        await _bench.HeardAsync(() => _bench.TurnDone("s1", "x1", items: $"[{Item.Message("From Ada, again.")}]"));
        Assert.False(run.IsCompleted);

        var result = await FinishAsync(run);
        Assert.Equal("Main.", result.FinalText);
        Assert.Equal(["by-ada.txt"], result.TouchedFiles);
        Assert.Contains(_bench.Blocks, b => b is { Title: "Subagent Ada message", Body: "From Ada." });
        Assert.Contains(_bench.Blocks, b => b is { Title: "Subagent Ada reasoning summary", Body: "Hm." });
        Assert.DoesNotContain(_bench.Blocks, b => b.Title == "Assistant message" && b.Body != "Main.");
    }

    [Fact]
    public async Task A_subagent_that_still_works_does_not_hold_back_the_end_the_server_tells()
    {
        var run = await _bench.RunToTurnAsync();
        _bench.Session.Say("thread/started", """{"thread":{"id":"s1","parentThreadId":"t1"}}""");
        _bench.TurnStarted("s1", "x1");
        _bench.Message("Main.");
        Assert.Equal("Main.", (await FinishAsync(run)).FinalText);
    }

    [Theory]
    [InlineData("""{"thread":{"id":"s1","source":{"subAgent":{"thread_spawn":{"parent_thread_id":"t1","agent_nickname":"Bo"}}}}}""")]
    [InlineData("""{"thread":{"id":"s1","source":{"subagent":{"thread_spawn":{"parent_thread_id":"t1","agent_role":"Bo"}}}}}""")]
    [InlineData("""{"thread":{"id":"s1","parentThreadId":"t1","agentNickname":"Bo"}}""")]
    public async Task Servers_name_a_subagents_parent_in_several_ways(string started)
    {
        var run = await _bench.RunToTurnAsync();
        _bench.Session.Say("thread/started", started);
        _bench.Message("Hi.", "s1", "x1");
        await FinishAsync(run);
        Assert.Contains(_bench.Blocks, b => b is { Title: "Subagent Bo message", Body: "Hi." });
    }

    [Fact]
    public async Task What_a_subagent_said_before_it_was_introduced_is_told_afterwards()
    {
        var run = await _bench.RunToTurnAsync();
        _bench.Message("Too early.", "s1", "x1");
        _bench.Message("Of a stranger.", "q", "x1");
        _bench.Done("""{"type":"collabAgentToolCall","id":"c","tool":"spawnAgent","status":"completed","senderThreadId":"t1","receiverThreadIds":["s1"],"agentsStates":{}}""");
        _bench.Done("""{"type":"subAgentActivity","id":"d","kind":"started","agentThreadId":"s2","agentPath":"/lead/eve"}""");
        _bench.Message("Later.", "s2", "x1");
        await FinishAsync(run);

        Assert.Contains(_bench.Blocks, b => b is { Title: "Subagent s1 message", Body: "Too early." });
        Assert.Contains(_bench.Blocks, b => b is { Title: "Subagent /lead/eve message", Body: "Later." });
        Assert.DoesNotContain(_bench.Blocks, b => b.Body == "Of a stranger.");
    }

    [Fact]
    public async Task A_subagent_of_a_subagent_belongs_to_the_turn()
    {
        var run = await _bench.RunToTurnAsync();
        _bench.Session.Say("thread/started", """{"thread":{"id":"s1","parentThreadId":"t1"}}""");
        _bench.Session.Say("thread/started", """{"thread":{"id":"s2","parentThreadId":"s1","agentNickname":"Deep"}}""");
        _bench.Message("Down here.", "s2", "x1");
        await FinishAsync(run);
        Assert.Contains(_bench.Blocks, b => b is { Title: "Subagent Deep message", Body: "Down here." });
    }
}
