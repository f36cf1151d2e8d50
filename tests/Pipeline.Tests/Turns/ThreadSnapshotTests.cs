using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Turns;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Turns;

public sealed class ThreadSnapshotTests
{
    private readonly ScriptedSession _session = new(TimeProvider.System);

    [Fact]
    public async Task A_completed_turn_gives_its_result()
    {
        var completed = Assert.IsType<TurnFate.Completed>(await FateAsync(Turn("completed", "cm-1", Item.Message("One."), Item.Edit("e", "completed", "/w/a.txt"), Item.Command("c", "ls", "completed", 0), Item.Message("Two."))));
        Assert.Equal(("Two.", "t1", "u1"), (completed.Result.FinalText, completed.Result.ThreadId, completed.Result.TurnId));
        Assert.Equal(["a.txt"], completed.Result.TouchedFiles);
        Assert.Equal([new TurnCommand("ls", 0, "completed")], completed.Result.Commands);
    }

    [Fact]
    public async Task An_interrupted_turn_gives_what_it_had_brought()
    {
        var interrupted = Assert.IsType<TurnFate.Interrupted>(await FateAsync(Turn("interrupted", "cm-1", Item.Message("Half."))));
        Assert.Equal("Half.", interrupted.Partial.FinalText);
    }

    [Fact]
    public async Task A_running_turn_is_named() =>
        Assert.Equal(new TurnFate.Running("u1"), await FateAsync(Turn("inProgress", "cm-1")));

    [Fact]
    public async Task A_failed_turn_gives_its_reason()
    {
        var failed = Assert.IsType<TurnFate.Failed>(await FateAsync(
            Turn("failed", "cm-1", Item.Message("Half.")).Replace("\"error\":null", "\"error\":{\"message\":\"limit\",\"codexErrorInfo\":\"usageLimitExceeded\"}", StringComparison.Ordinal)));
        Assert.Equal((FailureKind.UsageLimit, "limit", "Half."), (failed.Failure.Kind, failed.Failure.Message, failed.Failure.Result!.FinalText));
    }

    [Fact]
    public async Task The_turn_of_another_message_is_not_ours()
    {
        Assert.IsType<TurnFate.NotThere>(await FateAsync(Turn("completed", "cm-0")));
        Assert.IsType<TurnFate.NotThere>(await FateAsync(Turn("completed", clientId: null)));
        Assert.IsType<TurnFate.NotThere>(await FateAsync(""));
    }

    [Fact]
    public async Task A_server_that_keeps_no_client_ids_leaves_it_open() =>
        Assert.IsType<TurnFate.Unknown>(await FateAsync("""{"id":"0","status":"completed","error":null,"items":[{"type":"userMessage","id":"i","content":[]}]}"""));

    [Fact]
    public async Task A_turn_without_any_message_never_began() =>
        Assert.IsType<TurnFate.NotThere>(await FateAsync("""{"id":"u1","status":"interrupted","error":null,"items":[]}"""));

    [Fact]
    public async Task Of_two_turns_with_our_message_the_later_counts() =>
        Assert.IsType<TurnFate.Completed>(await FateAsync($"{Turn("interrupted", "cm-1")},{Turn("completed", "cm-1")}"));

    [Theory]
    [InlineData("no rollout found for thread id 01a2")]
    [InlineData("thread not loaded: 01a2")]
    [InlineData("rollout /home/sessions/x.jsonl is empty")]
    [InlineData("thread 01a2 is not materialized yet; includeTurns is unavailable before first user message")]
    [InlineData("list_turns is not supported yet", -32601)]
    [InlineData("invalid thread id: invalid character")]
    public async Task A_thread_nothing_was_written_to_is_not_there(string message, int code = RpcError.InvalidRequest)
    {
        _session.Refuse("thread/read", code, message);
        Assert.Equal(new ThreadLookup.NotThere(message), await ReadAsync());
    }

    [Theory]
    [InlineData("ephemeral threads do not support includeTurns")]
    [InlineData("permission denied")]
    public async Task A_thread_that_cannot_be_read_tells_nothing(string message)
    {
        _session.Refuse("thread/read", RpcError.InvalidRequest, message);
        Assert.Equal(new ThreadLookup.Unreadable(message), await ReadAsync());
    }

    [Fact]
    public async Task A_server_that_does_not_answer_tells_nothing()
    {
        _session.Answer("thread/read", _ => new TaskCompletionSource<string>().Task);
        Assert.IsType<ThreadLookup.Unreadable>(await ThreadReader.ReadAsync(_session, "t1", "/w", TimeSpan.FromMilliseconds(20)));
    }

    private async Task<TurnFate> FateAsync(string turns)
    {
        _session.Answer("thread/read", $$"""{"thread":{"id":"t1","turns":[{{turns}}]} }""");
        var found = Assert.IsType<ThreadLookup.Found>(await ReadAsync());
        Assert.True(_session.ParamsOf("thread/read").GetProperty("includeTurns").GetBoolean());
        return found.Thread.FindTurn("cm-1");
    }

    private Task<ThreadLookup> ReadAsync() => ThreadReader.ReadAsync(_session, "t1", "/w", TimeSpan.FromSeconds(10));

    private static string Turn(string status, string? clientId, params string[] items) =>
        $$"""{"id":"u1","status":"{{status}}","error":null,"items":[{"type":"userMessage","id":"i","clientId":{{(clientId is null ? "null" : $"\"{clientId}\"")}},"content":[]}{{string.Concat(items.Select(i => "," + i))}}]}""";
}
