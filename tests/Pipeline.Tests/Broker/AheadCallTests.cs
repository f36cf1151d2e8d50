using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.Pipeline.Tests.Support;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Broker;

public sealed class AheadCallTests : IAsyncLifetime
{
    private const string Cwd = "/home/somebody/app";

    private static readonly TimeLimits Limits = new() { Connect = Wait.Limit, Handshake = Wait.Limit, Call = Wait.Limit };

    private readonly ScratchFolder _folder = new();
    private readonly FakeBroker _broker;

    public AheadCallTests() => _broker = new FakeBroker(_folder.Path)
    {
        Answer = request => $$$"""{"config":{"model":"{{{Directory(request)}}}"}}""",
    };

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_configuration_of_a_turn_is_asked_for_with_the_handshake_and_once()
    {
        await using var session = await OpenAsync(new BrokerCaller("task-1", SessionId: null, Cwd));

        Assert.Equal(Cwd, await ReadModelAsync(session, Cwd));
        Assert.Equal([BrokerProtocol.Hello, AppServerMethods.ConfigRead], _broker.Methods);
    }

    [Fact]
    public async Task It_is_read_anew_by_whoever_asks_again()
    {
        await using var session = await OpenAsync(new BrokerCaller("task-1", SessionId: null, Cwd));

        Assert.Equal(Cwd, await ReadModelAsync(session, Cwd));
        Assert.Equal(Cwd, await ReadModelAsync(session, Cwd));
        Assert.Equal([BrokerProtocol.Hello, AppServerMethods.ConfigRead, AppServerMethods.ConfigRead], _broker.Methods);
    }

    [Fact]
    public async Task Another_call_in_between_does_not_lose_it()
    {
        await using var session = await OpenAsync(new BrokerCaller("task-1", SessionId: null, Cwd));

        await session.CallAsync("thread/start", RpcJson.EmptyObject, Wait.Limit);
        Assert.Equal(Cwd, await ReadModelAsync(session, Cwd));
        Assert.Equal([BrokerProtocol.Hello, AppServerMethods.ConfigRead, "thread/start"], _broker.Methods);
    }

    [Fact]
    public async Task The_answer_for_one_directory_is_not_taken_for_another()
    {
        await using var session = await OpenAsync(new BrokerCaller("task-1", SessionId: null, Cwd));

        Assert.Equal("/elsewhere", await ReadModelAsync(session, "/elsewhere"));
    }

    [Fact]
    public async Task A_visitor_asks_for_nothing()
    {
        await using var session = await OpenAsync(BrokerCaller.Visitor);

        await session.CallAsync("account/read", RpcJson.EmptyObject, Wait.Limit);
        Assert.Equal([BrokerProtocol.Hello, "account/read"], _broker.Methods);
    }

    [Fact]
    public async Task A_broker_that_answers_the_greeting_alone_is_silent_when_the_answer_is_wanted()
    {
        _broker.Answer = _ => null;
        var limits = Limits with { Call = TimeSpan.FromMilliseconds(50) };
        await using var session = await OpenAsync(new BrokerCaller("task-1", SessionId: null, Cwd), limits);

        await Assert.ThrowsAsync<RpcTimeoutException>(() => session.CallAsync(AppServerMethods.ConfigRead, AppServerCalls.ConfigRead(Cwd), limits.Call));
    }

    private async Task<BrokerSession> OpenAsync(BrokerCaller caller, TimeLimits? limits = null)
    {
        var reach = await BrokerConnection.OpenAsync(_broker.Endpoint, caller, limits ?? Limits, new ServerRequestPolicy(TimeProvider.System));
        return new BrokerSession(Assert.IsType<BrokerReach.Answered>(reach).Connection, limits ?? Limits);
    }

    private static async Task<string?> ReadModelAsync(BrokerSession session, string cwd) =>
        (await session.CallAsync(AppServerMethods.ConfigRead, AppServerCalls.ConfigRead(cwd), Wait.Limit)).Member("config").Text("model");

    private static string Directory(RpcMessage request) => request.ReadParams().Text("cwd") ?? "";
}
