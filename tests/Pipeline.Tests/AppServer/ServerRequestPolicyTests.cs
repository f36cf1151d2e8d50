using System.Text;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Tests.Turns;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.AppServer;

public sealed class ServerRequestPolicyTests
{
    private readonly ServerRequestPolicy _policy = new(new ManualTime());

    [Theory]
    [InlineData("item/commandExecution/requestApproval", """{"decision":"decline"}""")]
    [InlineData("item/fileChange/requestApproval", """{"decision":"decline"}""")]
    [InlineData("item/permissions/requestApproval", """{"permissions":{},"scope":"turn"}""")]
    [InlineData("item/tool/requestUserInput", """{"answers":{}}""")]
    [InlineData("mcpServer/elicitation/request", """{"action":"cancel","content":null,"_meta":null}""")]
    [InlineData("execCommandApproval", """{"decision":"timed_out"}""")]
    [InlineData("applyPatchApproval", """{"decision":"timed_out"}""")]
    [InlineData("currentTime/read", """{"currentTimeAt":1893456000}""")]
    public void Every_request_gets_an_answer_of_its_own_shape_that_allows_nothing(string method, string result)
    {
        var answer = Ask(method);
        Assert.Null(answer.Error);
        Assert.Equal(result, Encoding.UTF8.GetString(answer.Result.Span));
        Assert.NotEmpty(answer.Sentence);
    }

    [Fact]
    public void A_tool_call_fails_with_a_text_the_model_can_read()
    {
        var result = RpcMessage.ToElement(Ask("item/tool/call").Result);
        Assert.False(result.GetProperty("success").GetBoolean());
        Assert.Equal("inputText", result.GetProperty("contentItems")[0].GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("account/chatgptAuthTokens/refresh", RpcError.InvalidRequest, "codex login")]
    [InlineData("attestation/generate", RpcError.InvalidRequest, "attest")]
    [InlineData("something/new", RpcError.MethodNotFound, "something/new")]
    public void What_cannot_be_given_is_answered_with_an_error_that_says_why(string method, int code, string says)
    {
        var answer = Ask(method);
        Assert.True(answer.Result.IsEmpty);
        Assert.Equal(code, answer.Error!.Code);
        Assert.Contains(says, answer.Error.Message, StringComparison.Ordinal);
        Assert.Contains(method, answer.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void The_log_says_what_was_declined()
    {
        Assert.Contains("rm -rf /", Ask("item/commandExecution/requestApproval", """{"command":"rm -rf /"}""").Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_of_a_surrogate_pair_in_what_is_asked_is_no_obstacle() =>
        Assert.Equal("""{"decision":"decline"}""", Encoding.UTF8.GetString(Ask("item/commandExecution/requestApproval", """{"command":"rm \ud800"}""").Result.Span));

    [Fact]
    public void Params_of_a_kind_nobody_expects_are_no_obstacle()
    {
        Assert.NotNull(Ask("item/commandExecution/requestApproval", "[1]"));
        Assert.NotNull(Ask("item/tool/call", """{"tool":7}"""));
    }

    [Theory]
    [InlineData("item/commandExecution/requestApproval", """{"decision":"accept"}""")]
    [InlineData("item/fileChange/requestApproval", """{"decision":"accept"}""")]
    [InlineData("item/permissions/requestApproval", """{"permissions":{"network":{"enabled":true}},"scope":"turn"}""")]
    [InlineData("execCommandApproval", """{"decision":"approved"}""")]
    [InlineData("applyPatchApproval", """{"decision":"approved"}""")]
    [InlineData("mcpServer/elicitation/request", """{"action":"decline","content":null,"_meta":null}""")]
    public void What_the_user_allowed_beforehand_is_allowed_and_the_log_says_why(string method, string result)
    {
        var rules = new ServerRequestRules { ApproveCommands = true, ApproveFileChanges = true, GrantPermissions = true, DeclineElicitations = true };
        var answer = Ask(method, """{"permissions":{"network":{"enabled":true}}}""", new ServerRequestPolicy(new ManualTime(), rules));

        Assert.Equal(result, Encoding.UTF8.GetString(answer.Result.Span));
        Assert.Contains("configuration", answer.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Allowing_one_thing_allows_no_other()
    {
        var policy = new ServerRequestPolicy(new ManualTime(), new ServerRequestRules { ApproveFileChanges = true });

        Assert.Equal("""{"decision":"decline"}""", Encoding.UTF8.GetString(Ask("item/commandExecution/requestApproval", "{}", policy).Result.Span));
        Assert.Equal("""{"permissions":{},"scope":"turn"}""", Encoding.UTF8.GetString(Ask("item/permissions/requestApproval", "{}", policy).Result.Span));
    }

    private ServerRequestAnswer Ask(string method, string parameters = "{}", ServerRequestPolicy? policy = null)
    {
        var line = $$"""{"id":1,"method":"{{method}}","params":{{parameters}}}""";
        return (policy ?? _policy).Answer(RpcMessage.Parse(Encoding.UTF8.GetBytes(line), out _)!);
    }
}
