using CodexCompanion.Pipeline.Turns;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Turns;

/// <summary>What belongs to a turn, and what it brings.</summary>
public sealed class TurnObserverTests : IDisposable
{
    private readonly TurnBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private async Task<TurnResult> FinishAsync(Task<Outcome> run)
    {
        _bench.TurnDone();
        return Assert.IsType<Outcome.Completed>(await TurnBench.EndOf(run)).Value;
    }

    [Fact]
    public async Task Turns_numbered_from_zero_are_told_apart_by_their_thread()
    {
        _bench.Session.Answer("turn/start", """{"turn":{"id":"0"}}""");
        var run = await _bench.RunToTurnAsync();
        _bench.Message("Of another thread.", thread: "t2", turn: "0");
        _bench.TurnDone(thread: "t2", turn: "0");
        await _bench.HeardAsync(() => _bench.Message("Of ours.", turn: "0"));
        Assert.False(run.IsCompleted);
        _bench.TurnDone(turn: "0");

        var done = Assert.IsType<Outcome.Completed>(await TurnBench.EndOf(run));
        Assert.Equal("Of ours.", done.Value.FinalText);
        Assert.DoesNotContain(_bench.Blocks, b => b.Body == "Of another thread.");
    }

    [Fact]
    public async Task Another_turn_of_the_same_thread_is_not_ours()
    {
        var run = await _bench.RunToTurnAsync();
        _bench.Message("Ours.");
        _bench.Message("Not ours.", turn: "u0");
        _bench.TurnDone(turn: "u0", status: "failed", error: """{"message":"no"}""");
        Assert.Equal("Ours.", (await FinishAsync(run)).FinalText);
    }

    [Fact]
    public async Task The_final_items_of_the_completion_win_over_the_messages_before()
    {
        var run = await _bench.RunToTurnAsync();
        _bench.Message("First.");
        _bench.TurnDone(items: $"[{Item.Message("Second.", "m2")}]");
        var done = Assert.IsType<Outcome.Completed>(await TurnBench.EndOf(run));
        Assert.Equal("Second.", done.Value.FinalText);
        Assert.Contains(_bench.Blocks, b => b is { Title: "Final output", Body: "Second." });
    }

    [Fact]
    public async Task Without_final_items_the_last_message_is_the_result()
    {
        var run = await _bench.RunToTurnAsync();
        _bench.Message("One.", turn: "u1");
        _bench.Done(Item.Message("", "empty"));
        _bench.Message("Two.", turn: "u1");
        var result = await FinishAsync(run);
        Assert.Equal("Two.", result.FinalText);
        Assert.Equal(["One.", "Two."], _bench.Blocks.Where(b => b.Title == "Assistant message").Select(b => b.Body));
    }

    [Fact]
    public async Task Edited_files_are_told_once_in_order_and_relative()
    {
        _bench.Session.Answer("thread/start", """{"thread":{"id":"t1"},"cwd":"/private/w"}""");
        var run = await _bench.RunToTurnAsync();
        _bench.Done(Item.Edit("e1", "completed", "/w/b.txt", "/private/w/sub/a.txt", "/elsewhere/c.txt", "/other/d.txt"));
        _bench.Done(Item.Edit("e2", "failed", "/w/failed.txt"));
        _bench.Done(Item.Edit("e3", "declined", "/w/declined.txt"));
        _bench.Done("""{"type":"fileChange","id":"e4","status":"completed"}""");
        _bench.Done("""{"type":"fileChange","id":"e5","status":"completed","changes":[{"path":"/w/b.txt","kind":{"type":"update","move_path":"/w/moved.txt"}}]}""");
        var result = await FinishAsync(run);
        Assert.Equal(["b.txt", "sub/a.txt", "/elsewhere/c.txt", "/other/d.txt", "moved.txt"], result.TouchedFiles);
    }

    [Fact]
    public async Task Commands_keep_their_order_and_get_their_exit_codes()
    {
        var run = await _bench.RunToTurnAsync();
        _bench.Started(Item.Command("c1", "/bin/bash -lc 'sleep 9'", "inProgress"));
        _bench.Started(Item.Command("c2", "/bin/bash -lc 'false'", "inProgress"));
        _bench.Done(Item.Command("c2", "/bin/bash -lc 'false'", "failed", 1));
        var result = await FinishAsync(run);

        Assert.Equal(
            [new TurnCommand("/bin/bash -lc 'sleep 9'", null, "inProgress"), new TurnCommand("/bin/bash -lc 'false'", 1, "failed")], result.Commands);
        Assert.Contains("Running: sleep 9", _bench.Lines);
        Assert.Contains("Exit code 1: false", _bench.Lines);
    }

    [Fact]
    public async Task Reasoning_and_tokens_are_kept()
    {
        var run = await _bench.RunToTurnAsync();
        _bench.Done("""{"type":"reasoning","id":"r1","summary":["Thinking of it.", " "],"content":[]}""");
        _bench.Session.Say("thread/tokenUsage/updated", """{"threadId":"t1","turnId":"u1","tokenUsage":{"total":{"totalTokens":1}}}""");
        _bench.Session.Say("thread/tokenUsage/updated", """{"threadId":"t1","turnId":"u1","tokenUsage":{"total":{"totalTokens":7}}}""");
        var result = await FinishAsync(run);

        Assert.Equal(["Thinking of it."], result.ReasoningSummary);
        Assert.Equal(7, result.Usage!.Value.GetProperty("total").GetProperty("totalTokens").GetInt32());
        Assert.Contains(_bench.Blocks, b => b is { Title: "Reasoning summary", Body: "Thinking of it." });
    }

    [Fact]
    public async Task A_review_is_kept_in_the_result()
    {
        var run = await _bench.RunToTurnAsync();
        _bench.Started("""{"type":"enteredReviewMode","id":"v","review":"current changes"}""");
        _bench.Done("""{"type":"exitedReviewMode","id":"w","review":"Two findings."}""");
        Assert.Equal("Two findings.", (await FinishAsync(run)).Review);
        Assert.Contains("reviewing", _bench.Phases);
        Assert.Contains(_bench.Blocks, b => b is { Title: "Review output", Body: "Two findings." });
    }

    [Fact]
    public async Task Phases_follow_what_the_turn_does()
    {
        var run = await _bench.RunToTurnAsync();
        _bench.Started(Item.Command("c1", "ls", "inProgress"));
        _bench.Started(Item.Command("c2", "npm test", "inProgress"));
        _bench.Started(Item.Edit("e1", "inProgress", "/w/a.txt"));
        _bench.Started(Item.Command("c3", "npm test", "inProgress"));
        _bench.Message("Done.");
        await FinishAsync(run);
        Assert.Equal(
            ["starting", "investigating", "investigating", "editing", "verifying", "finalizing"], _bench.Phases.Where(p => p is not null));
    }

    [Fact]
    public async Task A_model_the_server_chose_instead_is_told()
    {
        var run = await _bench.RunToTurnAsync();
        _bench.Session.Say("model/rerouted", """{"threadId":"t1","turnId":"u1","fromModel":"m-1","toModel":"m-2","reason":"x"}""");
        Assert.Equal("m-2", (await FinishAsync(run)).Model);
        Assert.Contains(_bench.Notes, n => n.Contains("m-2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sandbox_that_lets_nothing_run_is_named()
    {
        var run = await _bench.RunToTurnAsync();
        _bench.Done(Item.Command("c1", "ls", "failed", 1, "bwrap: Creating new namespace failed: nesting depth or limit exceeded (ENOSPC)\n"));
        _bench.Message("I could not look.");
        await FinishAsync(run);
        Assert.Contains(_bench.Notes, n => n.StartsWith("Codex's sandbox does not work here", StringComparison.Ordinal) && n.Contains("ENOSPC", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sandbox_in_which_one_command_ran_is_not_blamed()
    {
        var run = await _bench.RunToTurnAsync();
        _bench.Done(Item.Command("c1", "bwrap x", "failed", 1, "bwrap: no such program\n"));
        _bench.Done(Item.Command("c2", "ls", "completed", 0, "a\n"));
        await FinishAsync(run);
        Assert.Empty(_bench.Notes);
    }

    [Fact]
    public async Task Items_nobody_knows_yet_and_missing_members_do_no_harm()
    {
        var run = await _bench.RunToTurnAsync();
        _bench.Started("""{"type":"telepathy","id":"z"}""");
        _bench.Done("""{"type":"telepathy","id":"z"}""");
        _bench.Done("{}");
        _bench.Done("null");
        _bench.Done("""{"type":"commandExecution"}""");
        _bench.Done("""{"type":"agentMessage","id":"m"}""");
        _bench.Done("""{"type":"collabAgentToolCall","id":"c"}""");
        _bench.Session.Say("item/completed", """{"threadId":"t1"}""");
        _bench.Session.Say("error", """{"threadId":"t1","turnId":"u1","willRetry":true}""");
        _bench.Session.Say("thread/tokenUsage/updated", """{"threadId":"t1"}""");
        Assert.Equal("", (await FinishAsync(run)).FinalText);
    }

    [Fact]
    public async Task A_flood_before_the_thread_is_known_is_bounded_and_the_newest_is_kept()
    {
        _bench.Session.Answer("turn/start", _ =>
        {
            for (var i = 0; i < 5000; i++)
                _bench.Message($"Message {i}.");
            _bench.TurnDone();
            return Task.FromResult("""{"turn":{"id":"u1"}}""");
        });
        var done = Assert.IsType<Outcome.Completed>(await TurnBench.EndOf(_bench.Run()));
        Assert.Equal("Message 4999.", done.Value.FinalText);
        Assert.True(_bench.Blocks.Count() < 1000);
    }

}
