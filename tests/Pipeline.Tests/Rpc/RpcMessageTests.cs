using System.Text;
using System.Text.Json;
using CodexCompanion.Pipeline.Rpc;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Rpc;

public sealed class RpcMessageTests
{
    [Theory]
    [InlineData("""{"id":7,"method":"turn/start","params":{"a":1}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"turn/start","params":{"a":1}}""")]
    [InlineData("""{"params":{"a":1},"method":"turn/start","id":7}""")]
    [InlineData("""  { "id" : 7 , "params" : {"a":1} , "method" : "turn/start", "trace": {"deep":[1,{"id":9}]} }  """)]
    public void A_request_is_read_with_and_without_jsonrpc_and_in_any_order(string line)
    {
        var message = Parse(line);

        Assert.Equal(RpcKind.Request, message.Kind);
        Assert.Equal("turn/start", message.Method);
        Assert.Equal("7", Text(message.Id));
        Assert.Equal("""{"a":1}""", Text(message.Params));
        Assert.Equal(line, message.ToString());
    }

    [Theory]
    [InlineData("7")]
    [InlineData("-1")]
    [InlineData("9007199254740993")]
    [InlineData("\"7\"")]
    [InlineData("\"a\\u0062\\\"c\"")]
    public void An_id_is_kept_as_it_was_written(string id) =>
        Assert.Equal(id, Text(Parse($$$"""{"id":{{{id}}},"result":{}}""").Id));

    [Fact]
    public void A_notification_may_carry_the_time_it_was_emitted()
    {
        var message = Parse("""{"method":"turn/started","params":{"threadId":"t1"},"emittedAtMs":1767323045000}""");

        Assert.Equal(RpcKind.Notification, message.Kind);
        Assert.True(message.Id.IsEmpty);
        Assert.Equal("t1", message.ThreadId);
    }

    [Fact]
    public void A_notification_needs_no_params()
    {
        var message = Parse("""{"method":"initialized"}""");

        Assert.Equal(RpcKind.Notification, message.Kind);
        Assert.True(message.Params.IsEmpty);
        Assert.Equal(JsonValueKind.Undefined, message.ReadParams().ValueKind);
        Assert.Null(message.ThreadId);
    }

    [Theory]
    [InlineData("""{"id":1,"result":null}""", "null", "")]
    [InlineData("""{"id":1,"result":{"a":[1,2]}}""", """{"a":[1,2]}""", "")]
    [InlineData("""{"id":1,"error":{"code":-32600,"message":"no"}}""", "", """{"code":-32600,"message":"no"}""")]
    public void An_answer_is_read_with_its_result_or_error_as_written(string line, string result, string error)
    {
        var message = Parse(line);

        Assert.Equal(RpcKind.Response, message.Kind);
        Assert.Equal(result, Text(message.Result));
        Assert.Equal(error, Text(message.Error));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{}")]
    [InlineData("""{"id":1}""")]
    [InlineData("""{"result":{}}""")]
    [InlineData("""{"id":null,"result":{}}""")]
    [InlineData("""{"id":{},"result":{}}""")]
    [InlineData("""{"id":[1],"method":"m"}""")]
    [InlineData("""{"id":1,"method":7}""")]
    [InlineData("""{"id":1,"method":""}""")]
    [InlineData("""{"id":1,"result":{}""")]
    [InlineData("""{"id":1,"result":{}}}""")]
    [InlineData("""{"id":1,"result":{}} {"id":2,"result":{}}""")]
    [InlineData("""{"id":1,"result":{}} garbage""")]
    [InlineData("""{"id":1,"result":{},}""")]
    [InlineData("""{'id':1,'result':{}}""")]
    [InlineData("\uFEFF{\"id\":1,\"result\":{}}")]
    [InlineData("2026-01-02T03:04:05Z WARN codex_core: something")]
    [InlineData("{\"id\":1,\"result\":\"a\u0001b\"}")]
    public void What_is_no_message_is_answered_with_a_problem(string line)
    {
        Assert.Null(RpcMessage.Parse(Encoding.UTF8.GetBytes(line), out var problem));
        Assert.False(string.IsNullOrWhiteSpace(problem));
    }

    [Fact]
    public void Bytes_that_are_no_utf8_are_no_message()
    {
        foreach (var place in new[] { "{\"method\":\"x\u00ff\"}", "{\"m\u00ffethod\":\"x\"}", "{\"id\":1,\"result\":\"\u00ff\"}" })
        {
            Assert.Null(RpcMessage.Parse(Encoding.Latin1.GetBytes(place), out var problem));
            Assert.NotNull(problem);
        }
    }

    [Theory]
    [InlineData("""{"\ud800":1,"method":"m"}""")]
    [InlineData("""{"method":"\ud800"}""")]
    [InlineData("""{"method":"m\udc00x","id":1}""")]
    public void Half_a_surrogate_pair_in_a_name_never_gets_out_as_an_exception(string line)
    {
        var message = RpcMessage.Parse(Encoding.UTF8.GetBytes(line), out var problem);

        Assert.True(message is null != problem is null);
    }

    [Theory]
    [InlineData("""{"threadId":"\ud800"}""")]
    [InlineData("""{"thread":{"id":"\udfff"}}""")]
    public void Half_a_surrogate_pair_in_a_thread_id_reads_as_no_thread(string parameters) =>
        Assert.Null(Parse($$$"""{"method":"m","params":{{{parameters}}}}""").ThreadId);

    [Fact]
    public void Half_a_surrogate_pair_in_another_name_does_not_hide_the_thread() =>
        Assert.Equal("t", Parse("""{"method":"m","params":{"\ud800dId":1,"threadId":"t"}}""").ThreadId);

    [Fact]
    public void A_whole_surrogate_pair_is_one_character() =>
        Assert.Equal("🙂", Parse("""{"method":"m","params":{"threadId":"\ud83d\ude42"}}""").ThreadId);

    [Fact]
    public void Half_a_surrogate_pair_in_a_text_is_passed_on_as_it_is()
    {
        const string Result = """{"text":"a\ud800b"}""";

        Assert.Equal(Result, Text(Parse($$$"""{"id":1,"result":{{{Result}}}}""").Result));
    }

    [Fact]
    public void An_escaped_method_and_escaped_member_names_are_read()
    {
        var message = Parse("""{"\u0069d":1,"m\u0065thod":"turn\/st\u0061rt","p\u0061rams":{"thread\u0049d":"t\u0031"}}""");

        Assert.Equal(RpcKind.Request, message.Kind);
        Assert.Equal("turn/start", message.Method);
        Assert.Equal("t1", message.ThreadId);
    }

    [Fact]
    public void Methods_are_one_string_however_often_they_come() =>
        Assert.Same(Parse("""{"method":"item/agentMessage/delta"}""").Method, Parse("""{"id":1,"method":"item/agentMessage/delta"}""").Method);

    [Theory]
    [InlineData("""{"threadId":"a","thread":{"id":"b"},"conversationId":"c"}""", "a")]
    [InlineData("""{"conversationId":"c","thread":{"parent":{"id":"x"},"id":"b"}}""", "b")]
    [InlineData("""{"turn":{"threadId":"x"},"conversationId":"c"}""", "c")]
    [InlineData("""{"item":{"threadId":"x","thread":{"id":"y"}}}""", null)]
    [InlineData("""{"threadId":null,"thread":null}""", null)]
    [InlineData("""{"threadId":7}""", null)]
    [InlineData("""{"thread":"b"}""", null)]
    [InlineData("""[{"threadId":"a"}]""", null)]
    [InlineData("\"threadId\"", null)]
    [InlineData("null", null)]
    public void The_thread_stands_in_one_of_three_places(string parameters, string? threadId) =>
        Assert.Equal(threadId, Parse($$$"""{"method":"m","params":{{{parameters}}}}""").ThreadId);

    [Theory]
    [InlineData(65)]
    [InlineData(200)]
    public void A_deeply_nested_message_is_read_whole(int depth)
    {
        var nested = new string('[', depth) + new string(']', depth);
        var message = Parse($$$$"""{"method":"m","params":{"before":{{{{nested}}}},"thread":{"items":{{{{nested}}}},"id":"t"}}}""");

        Assert.Equal("t", message.ThreadId);
        Assert.Equal(JsonValueKind.Object, message.ReadParams().ValueKind);
    }

    [Fact]
    public void Nesting_beyond_all_measure_is_a_problem_and_no_crash()
    {
        var line = $$$"""{"method":"m","params":{{{new string('[', 100_000)}}}{{{new string(']', 100_000)}}}}""";

        Assert.Null(RpcMessage.Parse(Encoding.UTF8.GetBytes(line), out var problem));
        Assert.NotNull(problem);
    }

    [Fact]
    public void A_composed_line_has_only_the_members_it_was_given()
    {
        Assert.Equal("""{"id":1,"method":"a/b","params":{}}""", Text(RpcMembers.Compose("1"u8, "a/b", "params"u8, "{}"u8)));
        Assert.Equal("""{"method":"a/b"}""", Text(RpcMembers.Compose(default, "a/b", "params"u8, default)));
        Assert.Equal("""{"id":"x","result":null}""", Text(RpcMembers.Compose("\"x\""u8, method: null, "result"u8, "null"u8)));
    }

    private static RpcMessage Parse(string line)
    {
        var message = RpcMessage.Parse(Encoding.UTF8.GetBytes(line), out var problem);
        Assert.Null(problem);
        Assert.NotNull(message);
        return message;
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
