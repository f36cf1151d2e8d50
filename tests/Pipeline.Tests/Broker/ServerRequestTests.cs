using System.Text;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Tests.Broker.Shared;
using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.Pipeline.Tests.Turns;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Broker;

/// <summary>What an app-server asks goes to whom it concerns; where nobody answers, the policy does, and somebody hears of it.</summary>
public sealed class ServerRequestTests : IAsyncLifetime
{
    private static readonly TimeSpan AnsweredWithin = TimeSpan.FromSeconds(1);

    private const string Approval = "item/commandExecution/requestApproval";

    // An owner has as long to answer as a loaded machine needs, unless a test lets the time pass.
    private readonly ManualTime _time = new();
    private readonly SharedBroker _broker;

    public ServerRequestTests() => _broker = new SharedBroker(time: _time);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Theory]
    [InlineData(Approval)]
    [InlineData("item/fileChange/requestApproval")]
    [InlineData("item/tool/requestUserInput")]
    [InlineData("mcpServer/elicitation/request")]
    [InlineData("something/of/a/later/version")]
    public async Task A_request_about_a_thread_is_answered_by_its_owner_word_for_word(string method)
    {
        var (owner, thread) = await RunningAsync("owner");
        var (other, _) = await RunningAsync("other");
        owner.Answer = request => owner.Peer.Reply(request.Id, """{"any":["thing",{"the":"owner says"}]}"""u8.ToArray());
        other.Answer = _ => throw new InvalidOperationException("It was none of this one's business.");

        var reply = await AskAsync(method, thread);

        Assert.Equal("""{"any":["thing",{"the":"owner says"}]}""", Encoding.UTF8.GetString(reply.Result.Span));
    }

    [Fact]
    public async Task A_request_about_a_subagent_s_thread_goes_to_its_parent_s_owner()
    {
        var (owner, thread) = await RunningAsync("owner");
        owner.Answer = request => owner.Peer.Reply(request.Id, """{"decision":"cancel"}"""u8.ToArray());

        Assert.Equal("""{"decision":"cancel"}""", Encoding.UTF8.GetString((await AskAsync(Approval, _broker.Server.Spawn(thread))).Result.Span));
    }

    [Fact]
    public async Task An_owner_s_refusal_is_passed_on_as_it_is()
    {
        var (owner, thread) = await RunningAsync("owner");
        owner.Answer = request => owner.Peer.ReplyError(request.Id, -32042, "not this time");

        var reply = await AskAsync(Approval, thread);

        Assert.Equal(new RpcError(-32042, "not this time"), reply.Error);
    }

    [Fact]
    public async Task An_owner_that_does_not_answer_is_answered_for_and_told_so()
    {
        var (owner, thread) = await RunningAsync("owner");
        var timers = _time.Set;

        var asking = AskAsync(Approval, thread, "\"command\":\"make all\"");
        await Wait.UntilAsync(() => _time.Set > timers, "its owner is waited for");
        _time.Advance(AnsweredWithin);
        var reply = await asking;

        Assert.Equal("""{"decision":"decline"}""", Encoding.UTF8.GetString(reply.Result.Span));
        await owner.HeardAsync("broker/answered");
        var told = owner.Heard.Single(m => m.Method == "broker/answered").ReadParams();
        Assert.Equal(thread, told.GetProperty("threadId").GetString());
        Assert.Contains("make all", told.GetProperty("sentence").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_nobody_to_ask_the_policy_answers_at_once_and_the_broker_s_log_says_what_without_its_contents()
    {
        await _broker.ConnectAsync("somebody");
        await StartServerAsync();

        var reply = await AskAsync(Approval, "a thread of nobody", "\"command\":\"secret command\"");

        Assert.Equal("""{"decision":"decline"}""", Encoding.UTF8.GetString(reply.Result.Span));
        await Wait.UntilAsync(() => _broker.Bench.LogText.Contains(Approval, StringComparison.Ordinal), "the log says so");
        Assert.DoesNotContain("secret command", _broker.Bench.LogText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_refresh_concerns_no_thread_and_is_told_to_everybody_with_a_turn_running()
    {
        var (ann, _) = await RunningAsync("ann");
        var (ben, _) = await RunningAsync("ben");
        var idle = await _broker.ConnectAsync("idle");

        var reply = await _broker.Server.Peer.CallAsync("account/chatgptAuthTokens/refresh", """{"reason":"unauthorized"}"""u8.ToArray(), Wait.Limit);

        Assert.Contains("codex login", reply.Error?.Message, StringComparison.Ordinal);
        await ann.HeardAsync("broker/answered");
        await ben.HeardAsync("broker/answered");
        await idle.ResultAsync("echo");
        Assert.Empty(idle.Heard);
    }

    [Fact]
    public async Task An_owner_that_goes_away_while_it_is_asked_is_answered_for_at_once()
    {
        var (owner, thread) = await RunningAsync("owner");
        owner.Answer = _ => owner.HangUp();

        Assert.Equal("""{"decision":"decline"}""", Encoding.UTF8.GetString((await AskAsync(Approval, thread)).Result.Span));
    }

    private async Task<(TestUser User, string Thread)> RunningAsync(string jobId)
    {
        var user = await _broker.ConnectAsync(jobId);
        var thread = await user.StartThreadAsync();
        await user.StartTurnAsync(thread);
        return (user, thread);
    }

    private async Task StartServerAsync() => Assert.NotNull((await _broker.Board.Servers.GetAsync(CancellationToken.None)).Slot);

    private Task<RpcReply> AskAsync(string method, string thread, string members = "\"itemId\":\"i\"") => _broker.Server.Peer.CallAsync(
        method, Encoding.UTF8.GetBytes($$"""{"threadId":"{{thread}}",{{members}}}"""), Wait.Limit);
}
