using System.Text;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.Pipeline.Tests.Support;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Rpc;

/// <summary>How a connection ends: for all who wait with one cause, and for all who come later with the same.</summary>
public sealed class RpcPeerLossTests : IAsyncLifetime
{
    private const int LongestLine = 4 * 1024 * 1024;

    private readonly DuplexPipe _pipe = new();
    private readonly RecordingReceiver _receiver = new();
    private readonly ScriptedSide _other;
    private readonly RpcPeer _peer;
    private Func<ConnectionLoss, ValueTask<ConnectionLoss>> _explain = ValueTask.FromResult;

    public RpcPeerLossTests()
    {
        _other = new ScriptedSide(_pipe.There);
        _peer = new RpcPeer(_pipe.Here, _pipe.Here, maxLineBytes: LongestLine, _receiver, loss => _explain(loss));
        _peer.Start();
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _peer.DisposeAsync();

    [Fact]
    public async Task Whoever_waits_fails_with_the_one_cause_when_the_stream_ends()
    {
        var calls = Enumerable.Range(0, 5).Select(n => CallAsync("m" + n)).ToList();
        await Wait.UntilAsync(() => _peer.PendingCalls == 5, "all calls wait");
        _pipe.EndThere();

        await AssertAllLostAsync(calls, LossKind.EndOfStream);
    }

    [Fact]
    public async Task Whoever_waits_fails_with_the_one_cause_when_the_stream_breaks()
    {
        var calls = new[] { CallAsync("a"), CallAsync("b") };
        _pipe.BreakReadingHere();

        await AssertAllLostAsync(calls, LossKind.Broken);
        Assert.Contains("Connection reset by peer", (await _peer.Ended).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_waits_fails_with_the_one_cause_when_nothing_can_be_written_any_more()
    {
        _pipe.BreakWritingHere();
        var calls = new[] { CallAsync("a"), CallAsync("b") };

        await AssertAllLostAsync(calls, LossKind.Broken);
    }

    [Fact]
    public async Task Answers_that_are_already_there_count_though_nothing_can_be_written_any_more()
    {
        var call = CallAsync("a");
        var request = await _other.ReadAsync();
        _pipe.BreakWritingHere();
        var doomed = CallAsync("b");
        await _other.AnswerAsync(request, "\"a\"");
        _pipe.EndThere();

        Assert.Equal("\"a\"", Text((await call.WaitAsync(Wait.Limit)).Result));
        await AssertAllLostAsync([doomed], LossKind.EndOfStream);
    }

    [Fact]
    public async Task Whoever_waits_fails_with_the_one_cause_when_a_line_is_over_the_limit()
    {
        var calls = new[] { CallAsync("a"), CallAsync("b") };
        await _other.SayAsync(new string('x', LongestLine + 1));

        await AssertAllLostAsync(calls, LossKind.ProtocolViolation);
    }

    [Fact]
    public async Task A_call_made_later_fails_with_the_same_cause_at_once()
    {
        _pipe.EndThere();
        var loss = await _peer.Ended.WaitAsync(Wait.Limit);

        var lost = await Assert.ThrowsAsync<ConnectionLostException>(() => CallAsync("later").WaitAsync(Wait.Limit));
        Assert.Same(loss, lost.Loss);
        Assert.Equal(0, _peer.PendingCalls);
    }

    [Fact]
    public async Task What_was_said_before_the_end_is_heard_before_it()
    {
        var call = CallAsync("a");
        var request = await _other.ReadAsync();
        await _other.SayAsync("""{"method":"first"}""");
        await _other.AnswerAsync(request);
        await _other.SayAsync("""{"method":"last"}""");
        _pipe.EndThere();

        Assert.Null((await call.WaitAsync(Wait.Limit)).Error);
        await _peer.Ended.WaitAsync(Wait.Limit);
        Assert.Equal(["first", "last"], _receiver.Notifications.Select(n => n.Method));
    }

    [Fact]
    public async Task A_bare_loss_is_explained_before_anybody_hears_of_it()
    {
        _explain = loss => ValueTask.FromResult(new ConnectionLoss(LossKind.AppServerDied, $"exit code 3 ({loss.Kind})"));
        var call = CallAsync("a");
        _pipe.EndThere();

        await AssertAllLostAsync([call], LossKind.AppServerDied);
        Assert.Equal("exit code 3 (EndOfStream)", (await _peer.Ended).Message);
    }

    [Fact]
    public async Task An_explanation_that_fails_leaves_the_bare_loss()
    {
        _explain = _ => throw new InvalidOperationException("no explanation");
        var call = CallAsync("a");
        _pipe.EndThere();

        await AssertAllLostAsync([call], LossKind.EndOfStream);
    }

    [Fact]
    public async Task Closing_fails_whoever_waits_with_the_cause_given_and_the_first_cause_stays()
    {
        var call = CallAsync("a");
        var cause = new ConnectionLoss(LossKind.AppServerDied, "It said so itself.");
        _peer.Close(cause);
        _peer.Close(new ConnectionLoss(LossKind.ClosedHere, "again"));
        _pipe.EndThere();

        Assert.Same(cause, (await Assert.ThrowsAsync<ConnectionLostException>(() => call.WaitAsync(Wait.Limit))).Loss);
        Assert.Same(cause, await _peer.Ended.WaitAsync(Wait.Limit));
    }

    [Fact]
    public async Task Last_words_get_out_before_the_connection_is_disposed()
    {
        var call = CallAsync("waits");
        _peer.Notify("bye");
        await _peer.DisposeAsync();

        await _other.ReadAsync();
        Assert.Equal("bye", (await _other.ReadAsync()).Method);
        var lost = await Assert.ThrowsAsync<ConnectionLostException>(() => call.WaitAsync(Wait.Limit));
        Assert.Equal(LossKind.ClosedHere, lost.Loss.Kind);
    }

    private async Task AssertAllLostAsync(IEnumerable<Task<RpcReply>> calls, LossKind kind)
    {
        var loss = await _peer.Ended.WaitAsync(Wait.Limit);
        Assert.Equal(kind, loss.Kind);
        Assert.NotEmpty(loss.Message);
        foreach (var call in calls)
        {
            var lost = await Assert.ThrowsAsync<ConnectionLostException>(() => call.WaitAsync(Wait.Limit));
            Assert.Same(loss, lost.Loss);
        }
    }

    private Task<RpcReply> CallAsync(string method) => _peer.CallAsync(method, default, TimeSpan.FromMinutes(5));

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
