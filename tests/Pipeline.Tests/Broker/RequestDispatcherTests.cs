using System.Text;
using System.Text.Json;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.Pipeline.Turns;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Broker;

/// <summary>What the broker answers by itself, without an app-server: none can be started here.</summary>
public sealed class RequestDispatcherTests : IAsyncLifetime
{
    private readonly BrokerBench _bench = new();
    private readonly TestClient _client = new();
    private readonly ClientTable _clients = new();
    private readonly ThreadTable _threads = new();
    private readonly AppServerSupervisor _servers;

    public RequestDispatcherTests()
    {
        var router = new EventRouter(_threads, _clients, new ServerRequestPolicy(_bench.Time), _bench.Log);
        _servers = new AppServerSupervisor(
            "test",
            (_, _) => Task.FromResult<AppServerStart>(new AppServerStart.Failed(FailureKind.CodexBroken, "It does not start.")),
            router,
            _bench.Log,
            _bench.Time);
        var releaser = new ThreadReleaser(_bench.Log.Path + ".journal", BrokerBench.Limits, _bench.Log);
        var warden = new TurnWarden(_threads, _servers, releaser, new NoCommands(), BrokerBench.Limits, _bench.Log);
        var dispatcher = new RequestDispatcher(_bench.Lifetime, _threads, _clients, _servers, warden);
        _ = _client.Connection.RunAsync(dispatcher.HandleAsync);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _client.DisposeAsync();
        await _servers.DisposeAsync();
        _bench.Dispose();
    }

    [Theory]
    [InlineData("broker/status")]
    [InlineData("broker/drain")]
    [InlineData("thread/start")]
    [InlineData("account/read")]
    public async Task Before_the_handshake_nothing_else_is_done(string method)
    {
        var refused = await AskAsync(method, """{"reason":"r","stopTurns":true}""");

        Assert.Equal(RpcError.InvalidRequest, refused.Error?.Code);
        Assert.Contains("broker/hello", refused.Error?.Message, StringComparison.Ordinal);
        Assert.Equal(0, _servers.Starts);
        Assert.False(_bench.Lifetime.IsDraining);
    }

    [Fact]
    public async Task The_handshake_brings_the_cookie_back_with_the_instance()
    {
        var hello = (await GreetAsync("""{"cookie":"any text ü","protocol":1}""")).Result;

        Assert.Equal("any text ü", hello.GetProperty("cookie").GetString());
        Assert.Equal(_bench.Record.InstanceId, hello.GetProperty("instanceId").GetString());
        Assert.False(hello.GetProperty("draining").GetBoolean());
        Assert.Equal(JsonValueKind.Null, hello.GetProperty("appServer").ValueKind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"cookie":null,"protocol":1}""")]
    [InlineData("""{"cookie":"c","protocol":"one"}""")]
    public async Task A_handshake_of_another_shape_is_refused_and_may_be_tried_again(string parameters)
    {
        Assert.Equal(RpcError.InvalidRequest, (await GreetAsync(parameters)).Error?.Code);
        Assert.Null((await GreetAsync("""{"cookie":"c","protocol":1}""")).Error);
    }

    [Theory]
    [InlineData("broker/turn/active")]
    [InlineData("broker/turn/stop")]
    [InlineData("broker/thread/release")]
    [InlineData("broker/session/release")]
    [InlineData("broker/drain")]
    public async Task Params_of_another_shape_are_answered_with_an_error(string method)
    {
        await GreetAsync();
        foreach (var parameters in new[] { "", "null", "{}", "7", """{"threadId":null,"sessionId":null,"reason":null}""", """{"threadId":[]}""" })
            Assert.Equal(RpcError.InvalidRequest, (await AskAsync(method, parameters)).Error?.Code);
        Assert.False(_bench.Lifetime.IsDraining);
    }

    [Fact]
    public async Task A_method_of_the_broker_that_does_not_exist_is_an_error_and_starts_nothing()
    {
        await GreetAsync();

        Assert.Equal(RpcError.MethodNotFound, (await AskAsync("broker/self-destruct")).Error?.Code);
        Assert.Equal(0, _servers.Starts);
    }

    [Fact]
    public async Task A_shared_app_server_is_initialized_already()
    {
        await GreetAsync();

        Assert.Equal(("Already initialized", 0), ((await AskAsync("initialize")).Error?.Message, _servers.Starts));
    }

    [Fact]
    public async Task A_thread_nobody_has_runs_no_turn_and_has_nothing_to_stop()
    {
        await GreetAsync();

        Assert.False((await AskAsync("broker/turn/active", """{"threadId":"t"}""")).Result.GetProperty("active").GetBoolean());
        Assert.True((await AskAsync("broker/turn/stop", """{"threadId":"t"}""")).Result.GetProperty("turnEnded").GetBoolean());
        Assert.Null((await AskAsync("broker/thread/release", """{"threadId":"t"}""")).Error);
    }

    [Fact]
    public async Task An_app_server_that_does_not_start_is_told_to_the_client_and_after_three_times_the_broker_goes()
    {
        await GreetAsync();
        for (var n = 1; n <= 3; n++)
        {
            Assert.False(_bench.Lifetime.IsDraining);
            var asked = AskAsync("account/read");
            await _bench.Time.AdvanceUntilAsync(asked, TimeSpan.FromMilliseconds(100)); // It waits a little longer each time.
            var refused = await asked;
            Assert.Equal((RpcError.AppServerLost, "It does not start."), (refused.Error?.Code, refused.Error?.Message));
        }

        Assert.Equal(3, _servers.Starts);
        await Wait.UntilAsync(() => _bench.Lifetime.IsDraining, "it drains, a moment after the answer");
    }

    [Theory]
    [InlineData("thread/start", true)]
    [InlineData("thread/resume", true)]
    [InlineData("thread/fork", true)]
    [InlineData("turn/start", true)]
    [InlineData("review/start", true)]
    [InlineData("account/read", false)]
    public async Task A_draining_broker_takes_no_new_work_and_still_reads(string method, bool isWork)
    {
        await GreetAsync();
        Assert.Null((await AskAsync("broker/drain", """{"reason":"told to","stopTurns":false}""")).Error);

        var code = (await AskAsync(method, """{"threadId":"t"}""")).Error?.Code;
        Assert.Equal(isWork ? RpcError.Draining : RpcError.AppServerLost, code);
    }

    [Fact]
    public async Task Sessions_are_registered_with_the_handshake_and_released_by_name()
    {
        await GreetAsync("""{"cookie":"c","protocol":1,"jobId":"j","sessionId":"one"}""");
        await GreetAsync("""{"cookie":"c","protocol":1,"jobId":"j","sessionId":"two"}""");
        Assert.Equal(["one", "two"], _clients.Sessions);

        await AskAsync("broker/session/release", """{"sessionId":"one"}""");
        await AskAsync("broker/session/release", """{"sessionId":"never registered"}""");
        Assert.False(_clients.LastSessionReleased);
        await AskAsync("broker/session/release", """{"sessionId":"two"}""");
        Assert.True(_clients.LastSessionReleased);

        await GreetAsync("""{"cookie":"c","protocol":1,"sessionId":"three"}""");
        Assert.False(_clients.LastSessionReleased);
    }

    [Fact]
    public async Task The_status_tells_who_it_is_and_how_it_is()
    {
        await GreetAsync();
        var ready = (await AskAsync("broker/status")).Result;
        _bench.Lifetime.BeginDraining("told to");
        var draining = (await AskAsync("broker/status")).Result;

        Assert.Equal(_bench.Record.InstanceId, ready.GetProperty("instanceId").GetString());
        Assert.Equal(Environment.ProcessId, ready.GetProperty("pid").GetInt32());
        Assert.Equal(("ready", "draining"), (ready.GetProperty("state").GetString(), draining.GetProperty("state").GetString()));
    }

    private Task<(JsonElement Result, RpcError? Error)> GreetAsync(string parameters = """{"cookie":"c","protocol":1,"jobId":"j"}""") =>
        AskAsync(BrokerProtocol.Hello, parameters);

    private async Task<(JsonElement Result, RpcError? Error)> AskAsync(string method, string parameters = "{}")
    {
        await _client.Side.SayAsync(Encoding.UTF8.GetString(RpcMembers.Compose("1"u8, method, "params"u8, Encoding.UTF8.GetBytes(parameters))));
        var answer = await _client.Side.ReadAsync();
        return answer.Error.IsEmpty
            ? (RpcMessage.ToElement(answer.Result), null)
            : (default, RpcJson.ReadError(answer.Error));
    }

    private sealed class NoCommands : ITurnProcesses
    {
        public Task<IReadOnlyList<string>> EndAsync(string jobId, TimeSpan limit) => Task.FromResult<IReadOnlyList<string>>([]);
    }
}
