using System.Collections.Concurrent;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.Pipeline.Tests.Support;

namespace CodexCompanion.Pipeline.Tests.Broker.Shared;

/// <summary>A broker in this process: the real parts between clients and app-servers, with scripted app-servers.</summary>
internal sealed class SharedBroker : IAsyncDisposable
{
    private readonly ConcurrentQueue<TestUser> _users = [];
    private readonly ConcurrentQueue<Task> _serving = [];

    public SharedBroker(TimeLimits? limits = null, IServerRequestPolicy? policy = null, TimeProvider? time = null)
    {
        var setup = new SwitchboardSetup(
            Bench.Record.InstanceId,
            StartAsync,
            policy ?? new ServerRequestPolicy(TimeProvider.System),
            new NoCommands(),
            Bench.Log.Path + ".journal",
            limits ?? new TimeLimits());
        Board = new Switchboard(setup, Bench.Log, time ?? TimeProvider.System);
    }

    public BrokerBench Bench { get; } = new();

    public Switchboard Board { get; }

    /// <summary>App-servers started so far, oldest first.</summary>
    public ConcurrentQueue<ScriptedServer> Servers { get; } = [];

    /// <summary>The newest app-server.</summary>
    public ScriptedServer Server => Servers.Last();

    /// <summary>Called for each start; an answer stands for a start that fails.</summary>
    public Func<int, AppServerStart.Failed?> Refuse { get; set; } = _ => null;

    /// <summary>A client that has introduced itself.</summary>
    public async Task<TestUser> ConnectAsync(string? jobId = "job", string? sessionId = null)
    {
        var user = Connect();
        await user.GreetAsync(jobId, sessionId);
        return user;
    }

    /// <summary>A client that has not.</summary>
    public TestUser Connect(long capacity = 64 * 1024)
    {
        var user = new TestUser(new DuplexPipe(capacity));
        _users.Enqueue(user);
        _serving.Enqueue(Board.ServeAsync(user.BrokersEnd, Bench.Lifetime));
        return user;
    }

    /// <summary>The broker's end of a raw connection, whose other end the test writes to byte by byte.</summary>
    public Task ServeAsync(DuplexPipe pipe)
    {
        var serving = Board.ServeAsync(pipe.Here, Bench.Lifetime);
        _serving.Enqueue(serving);
        return serving;
    }

    private Task<AppServerStart> StartAsync(AppServerSlot slot, CancellationToken cancellationToken)
    {
        if (Refuse(slot.Generation) is { } refusal)
            return Task.FromResult<AppServerStart>(refusal);
        var server = new ScriptedServer(slot);
        Servers.Enqueue(server);
        return Task.FromResult<AppServerStart>(new AppServerStart.Started(server.Process));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var user in _users)
            await user.DisposeAsync();
        await Task.WhenAll(_serving).WaitAsync(Wait.Limit);
        await Board.DisposeAsync();
        Bench.Dispose();
    }

    private sealed class NoCommands : ITurnProcesses
    {
        public Task<IReadOnlyList<string>> EndAsync(string jobId, TimeSpan limit) => Task.FromResult<IReadOnlyList<string>>([]);
    }
}
