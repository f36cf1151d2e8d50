using System.Text;
using System.Text.Json;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.Pipeline.Tests.Support;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Rpc;

public sealed class RpcPeerTests : IAsyncLifetime
{
    private const int LongestLine = 4 * 1024 * 1024;

    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(30);

    private readonly DuplexPipe _pipe = new();
    private readonly RecordingReceiver _receiver = new();
    private readonly ScriptedSide _other;
    private readonly RpcPeer _peer;

    public RpcPeerTests()
    {
        _other = new ScriptedSide(_pipe.There);
        _peer = new RpcPeer(_pipe.Here, _pipe.Here, maxLineBytes: LongestLine, _receiver);
        _peer.Start();
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _peer.DisposeAsync();

    [Fact]
    public async Task A_call_is_answered()
    {
        var call = CallAsync("thread/read", """{"threadId":"t"}""");
        var request = await _other.ReadAsync();
        await _other.AnswerAsync(request, """{"name":"n"}""");
        var reply = await call.WaitAsync(Wait.Limit);

        Assert.Equal("thread/read", request.Method);
        Assert.Equal("t", request.ThreadId);
        Assert.Null(reply.Error);
        Assert.Equal("""{"name":"n"}""", Text(reply.Result));
        Assert.Equal(0, _peer.PendingCalls);
    }

    [Fact]
    public async Task Answers_may_come_in_any_order()
    {
        var calls = Enumerable.Range(0, 50).Select(n => CallAsync("m" + n)).ToList();
        var requests = new List<RpcMessage>();
        for (var n = 0; n < calls.Count; n++)
            requests.Add(await _other.ReadAsync());
        foreach (var request in requests.AsEnumerable().Reverse())
            await _other.AnswerAsync(request, $"\"{request.Method}\"");

        for (var n = 0; n < calls.Count; n++)
            Assert.Equal($"\"m{n}\"", Text((await calls[n].WaitAsync(Wait.Limit)).Result));
    }

    [Fact]
    public async Task An_error_is_an_answer_and_is_kept_as_written()
    {
        const string Error = """{"code":-32600,"message":"Invalid request: unknown variant `x`","data":{"more":1}}""";
        var call = CallAsync("x");
        await _other.ReadAsync();
        await _other.SayAsync("{\"id\":1,\"error\":" + Error + "}");
        var reply = await call.WaitAsync(Wait.Limit);

        Assert.Equal(-32600, reply.Error?.Code);
        Assert.True(reply.Error?.IsUnknownMethod);
        Assert.Equal(Error, Text(reply.RawError));
        Assert.True(reply.Result.IsEmpty);
    }

    [Theory]
    [InlineData("\"just text\"", "just text")]
    [InlineData("""{"code":"x","message":7}""", """{"code":"x","message":7}""")]
    [InlineData("""{"code":1e99,"message":"m"}""", "m")]
    [InlineData("{}", "{}")]
    [InlineData("null", "")]
    public async Task An_error_of_another_shape_still_has_a_sentence(string error, string message)
    {
        var call = CallAsync("x");
        await _other.ReadAsync();
        await _other.SayAsync("{\"id\":1,\"error\":" + error + "}");

        Assert.Equal(message, (await call.WaitAsync(Wait.Limit)).Error?.Message);
    }

    [Fact]
    public async Task A_call_that_takes_too_long_fails_and_the_connection_goes_on()
    {
        var late = await Assert.ThrowsAsync<RpcTimeoutException>(() => _peer.CallAsync("slow", default, Short));
        var request = await _other.ReadAsync();
        Assert.Equal("slow", late.Method);
        Assert.Equal(0, _peer.PendingCalls);

        var next = CallAsync("quick");
        await _other.AnswerAsync(request, "\"too late\"");
        await _other.AnswerAsync(await _other.ReadAsync(), "\"in time\"");

        Assert.Equal("\"in time\"", Text((await next.WaitAsync(Wait.Limit)).Result));
        Assert.False(_peer.Ended.IsCompleted);
    }

    [Fact]
    public async Task A_cancelled_call_stops_waiting_and_the_connection_goes_on()
    {
        using var cancel = new CancellationTokenSource();
        var call = _peer.CallAsync("slow", default, Wait.Limit, cancel.Token);
        await _other.ReadAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Wait.Limit));

        var next = CallAsync("quick");
        await _other.AnswerAsync(await _other.ReadAsync());
        await next.WaitAsync(Wait.Limit);
    }

    [Theory]
    [InlineData("""{"id":99,"result":{}}""")]
    [InlineData("""{"id":"1","result":{}}""")]
    [InlineData("""{"id":1.5,"result":{}}""")]
    [InlineData("""{"id":99999999999999999999999,"result":{}}""")]
    [InlineData("""{"id":-1,"error":{"code":1,"message":"m"}}""")]
    public async Task An_answer_to_nobodys_call_is_passed_over(string answer)
    {
        var call = CallAsync("a");
        var request = await _other.ReadAsync();
        await _other.SayAsync(answer);
        await _other.AnswerAsync(request, "\"mine\"");

        Assert.Equal("\"mine\"", Text((await call.WaitAsync(Wait.Limit)).Result));
    }

    [Fact]
    public async Task Lines_that_are_no_message_are_passed_over()
    {
        var call = CallAsync("a");
        var request = await _other.ReadAsync();
        await _other.SayAsync("WARNING: something else writes here");
        await _other.SayAsync("");
        await _other.SayAsync("[1,2,3]");
        await _other.SayAsync("""{"\ud800":1}""");
        await _other.AnswerAsync(request);
        await call.WaitAsync(Wait.Limit);

        Assert.Equal(3, _receiver.Noise.Count);
    }

    [Fact]
    public async Task Notifications_are_heard_in_their_order()
    {
        for (var n = 0; n < 200; n++)
            await _other.SayAsync($$$"""{"method":"n{{{n}}}","params":{}}""");
        await Wait.UntilAsync(() => _receiver.Notifications.Count == 200, "all notifications came");

        Assert.Equal(Enumerable.Range(0, 200).Select(n => "n" + n), _receiver.Notifications.Select(n => n.Method));
    }

    [Fact]
    public async Task Requests_are_answered_under_their_own_id()
    {
        _receiver.OnAsked = request =>
        {
            if (request.Method == "known")
                _peer.Reply(request.Id, "{\"yes\":true}"u8.ToArray());
            else
                _peer.ReplyError(request.Id, RpcError.MethodNotFound, "unknown \"method\"");
        };
        await _other.SayAsync("""{"id":"a-1","method":"known","params":{}}""");
        await _other.SayAsync("""{"id":2,"method":"other"}""");

        Assert.Equal("""{"id":"a-1","result":{"yes":true}}""", (await _other.ReadAsync()).ToString());
        var refusal = await _other.ReadAsync();
        Assert.Equal("2", Text(refusal.Id));
        Assert.Equal("unknown \"method\"", RpcMessage.ToElement(refusal.Error).GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_message_its_receiver_cannot_bear_is_noise_and_the_connection_goes_on()
    {
        _receiver.OnNotified = _ => throw new InvalidOperationException("a fault of the receiver");
        await _other.SayAsync("""{"method":"trouble"}""");
        var call = CallAsync("a");
        await _other.AnswerAsync(await _other.ReadAsync());
        await call.WaitAsync(Wait.Limit);

        Assert.Contains("trouble", Assert.Single(_receiver.Noise), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_notification_has_no_id()
    {
        _peer.Notify("initialized");
        _peer.Notify("with", "{\"a\":1}"u8.ToArray());

        Assert.Equal("""{"method":"initialized"}""", (await _other.ReadAsync()).ToString());
        Assert.Equal("""{"method":"with","params":{"a":1}}""", (await _other.ReadAsync()).ToString());
    }

    [Fact]
    public async Task A_prompt_of_many_megabytes_goes_through_in_both_directions()
    {
        var text = JsonSerializer.Serialize(new string('ü', 600_000));
        var call = CallAsync("echo", text);
        var request = await _other.ReadAsync();
        await _other.AnswerAsync(request, Text(request.Params));

        Assert.Equal(text, Text((await call.WaitAsync(Wait.Limit)).Result));
    }

    private Task<RpcReply> CallAsync(string method, string parameters = "") =>
        _peer.CallAsync(method, Encoding.UTF8.GetBytes(parameters), TimeSpan.FromMinutes(5));

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
