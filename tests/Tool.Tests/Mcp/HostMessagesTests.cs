using System.Text.Json.Nodes;
using System.Threading.Channels;
using CodexCompanion.Tool.Mcp;
using ModelContextProtocol.Protocol;
using Xunit;

namespace CodexCompanion.Tool.Tests.Mcp;

/// <summary>What a host said last, before the calls get to hear of it.</summary>
public sealed class HostMessagesTests
{
    [Fact]
    public async Task What_a_host_cancels_before_it_leaves_is_known_when_it_has_left()
    {
        await using var messages = Of(Request(new RequestId(1)), Request(new RequestId("1")), Cancelled("""{"requestId":1}"""));
        var cancelledThen = false;
        messages.Left.Register(() => cancelledThen = messages.IsCancelled(new RequestId(1)));
        await foreach (var message in messages.MessageReader.ReadAllAsync())
            Assert.False(messages.Left.IsCancellationRequested, message.ToString());
        Assert.True(messages.Left.IsCancellationRequested);
        Assert.True(cancelledThen);
        Assert.False(messages.IsCancelled(new RequestId("1"))); // A text is another one than a number.
    }

    [Fact]
    public async Task A_number_used_again_begins_anew()
    {
        await using var messages = Of(Request(new RequestId("a")), Cancelled("""{"requestId":"a"}"""), Request(new RequestId("a")));
        await foreach (var _ in messages.MessageReader.ReadAllAsync())
        {
        }

        Assert.False(messages.IsCancelled(new RequestId("a")));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"requestId":null}""")]
    [InlineData("""{"requestId":{}}""")]
    [InlineData("""{"requestId":1.5}""")]
    [InlineData("""{"requestId":true}""")]
    public async Task A_cancellation_that_names_nothing_is_passed_on(string parameters)
    {
        await using var messages = Of(Cancelled(parameters));
        Assert.True(messages.MessageReader.TryRead(out var message));
        Assert.IsType<JsonRpcNotification>(message);
    }

    [Fact]
    public async Task A_pipe_that_breaks_is_a_host_that_left()
    {
        var channel = Channel.CreateUnbounded<JsonRpcMessage>();
        channel.Writer.Complete(new IOException("broken"));
        await using var messages = new HostMessages(new Transport(channel.Reader));
        await Assert.ThrowsAsync<IOException>(async () => await messages.MessageReader.WaitToReadAsync());
        Assert.True(messages.Left.IsCancellationRequested);
    }

    private static HostMessages Of(params JsonRpcMessage[] said)
    {
        var channel = Channel.CreateUnbounded<JsonRpcMessage>();
        foreach (var message in said)
            channel.Writer.TryWrite(message);
        channel.Writer.Complete();
        return new HostMessages(new Transport(channel.Reader));
    }

    private static JsonRpcRequest Request(RequestId id) => new() { Id = id, Method = RequestMethods.ToolsCall };

    private static JsonRpcNotification Cancelled(string parameters) =>
        new() { Method = NotificationMethods.CancelledNotification, Params = JsonNode.Parse(parameters) };

    private sealed class Transport(ChannelReader<JsonRpcMessage> reader) : ITransport
    {
        public string? SessionId => null;

        public ChannelReader<JsonRpcMessage> MessageReader => reader;

        public Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default) => Task.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
