using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Recovery;
using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.Pipeline.Tests.Support;
using CodexCompanion.Pipeline.Tests.Turns;
using CodexCompanion.StateStore.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Recovery;

public sealed class LostTurnProofTests : IAsyncLifetime
{
    private const string Ended = """{"interruptSent":true,"turnEnded":true,"processesLeft":[],"detail":"It was interrupted."}""";
    private const string StillRuns = """{"interruptSent":true,"turnEnded":false,"processesLeft":[],"detail":"It ignores the interrupt."}""";

    private static readonly ProcessIdentity Server = new(4711, "12345", "boot", "ns");

    // The limit of the whole runs by the test's own clock, that of a single call by the system's.
    private static readonly TimeLimits Limits = new() { Cancel = Wait.Limit, Connect = Wait.Limit, Handshake = Wait.Limit };

    private readonly ScratchFolder _folder = new();
    private readonly ManualTime _time = new();
    private readonly FakeProcessTable _processes = new();
    private readonly FakeTurnProcesses _commands = new();
    private readonly FakeBroker _broker;

    public LostTurnProofTests() => _broker = new FakeBroker(_folder.Path);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(ProcessPresence.Gone)]
    [InlineData(ProcessPresence.Other)]
    public async Task A_turn_is_over_when_its_app_server_is_gone_by_identity_and_its_commands_are_ended_with_it(ProcessPresence presence)
    {
        _processes.Presence = presence;

        Assert.Null(await ProveAsync(new LostTurn("t", "u", Server, Endpoint: null)));
        Assert.Equal([Server], _processes.Asked);
        Assert.Equal(["job"], _commands.Ended);
    }

    [Theory]
    [InlineData(ProcessPresence.Same)]
    [InlineData(ProcessPresence.Unknown)]
    public async Task A_turn_is_not_over_while_its_app_server_may_run_and_nothing_is_touched(ProcessPresence presence)
    {
        _processes.Presence = presence;

        Assert.Contains("4711", await ProveAsync(new LostTurn("t", "u", Server, Endpoint: null)), StringComparison.Ordinal);
        Assert.Empty(_commands.Ended);
    }

    [Fact]
    public async Task A_turn_is_not_over_when_nobody_knows_where_it_ran()
    {
        Assert.NotNull(await ProveAsync(new LostTurn("t", "u", AppServer: null, Endpoint: null)));
        Assert.Empty(_commands.Ended);
    }

    [Fact]
    public async Task An_app_server_that_ends_a_moment_later_is_waited_for()
    {
        var looks = 0;
        _processes.Look = _ => ++looks < 4 ? ProcessPresence.Same : ProcessPresence.Gone;

        Assert.Null(await ProveInTimeAsync(new LostTurn("t", "u", Server, Endpoint: null)));
    }

    [Fact]
    public async Task A_turn_is_over_when_its_broker_stopped_it_and_the_thread_is_let_go()
    {
        _broker.Answer = request => request.Method == BrokerProtocol.StopTurn ? Ended : "{}";

        Assert.Null(await ProveAsync(new LostTurn("t", "u", Server, _broker.Endpoint)));
        Assert.Equal([BrokerProtocol.Hello, BrokerProtocol.StopTurn, BrokerProtocol.ReleaseThread], _broker.Methods);
        var stop = _broker.Requests.Single(r => r.Method == BrokerProtocol.StopTurn).ReadParams();
        Assert.Equal("t", stop.GetProperty("threadId").GetString());
        Assert.Equal("u", stop.GetProperty("turnId").GetString());
        Assert.Equal("job", stop.GetProperty("jobId").GetString());
    }

    [Fact]
    public async Task A_turn_that_its_broker_could_not_stop_is_not_over_and_the_broker_says_why()
    {
        _broker.Answer = _ => StillRuns;

        Assert.Equal("It ignores the interrupt.", await ProveAsync(new LostTurn("t", "u", Server, _broker.Endpoint)));
        Assert.DoesNotContain(BrokerProtocol.ReleaseThread, _broker.Methods);
        Assert.Empty(_commands.Ended);
    }

    [Fact]
    public async Task A_turn_whose_commands_its_broker_could_not_end_is_not_over()
    {
        _broker.Answer = _ => """{"interruptSent":true,"turnEnded":true,"processesLeft":["99 sleep"],"detail":"99 sleep still runs."}""";

        Assert.Equal("99 sleep still runs.", await ProveAsync(new LostTurn("t", "u", Server, _broker.Endpoint)));
    }

    [Fact]
    public async Task A_broker_is_asked_again_until_the_turn_is_over()
    {
        var asked = 0;
        _broker.Answer = request => request.Method != BrokerProtocol.StopTurn ? "{}" : ++asked < 3 ? StillRuns : Ended;

        Assert.Null(await ProveInTimeAsync(new LostTurn("t", "u", AppServer: null, _broker.Endpoint)));
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task A_broker_that_does_not_answer_proves_nothing_and_costs_no_more_than_the_limit()
    {
        _broker.Mute = true;
        var impatient = Limits with { Handshake = TimeSpan.FromMilliseconds(50) };

        Assert.Contains("4711", await ProveAsync(new LostTurn("t", "u", Server, _broker.Endpoint), impatient), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_is_gone_proves_nothing_about_an_app_server_that_runs_on() =>
        Assert.Contains("4711", await ProveAsync(new LostTurn("t", "u", Server, _folder["gone.sock"])), StringComparison.Ordinal);

    [Fact]
    public async Task Commands_that_outlive_their_turn_stand_in_the_way()
    {
        _processes.Presence = ProcessPresence.Gone;
        _commands.Left = ["100 sh"];

        Assert.Contains("100 sh", await ProveAsync(new LostTurn("t", "u", Server, Endpoint: null)), StringComparison.Ordinal);
    }

    // The clock goes on until an answer is there.
    private async Task<string?> ProveAsync(LostTurn lost, TimeLimits? limits = null)
    {
        var proof = Proof(limits ?? Limits).TryProveOverAsync(lost, "job");
        await _time.AdvanceUntilAsync(proof, TimeSpan.FromSeconds(1));
        return await proof;
    }

    // The clock stands still: there is time for as many looks as it takes.
    private Task<string?> ProveInTimeAsync(LostTurn lost) => Proof(Limits).TryProveOverAsync(lost, "job").WaitAsync(Wait.Limit);

    private LostTurnProof Proof(TimeLimits limits) => new(_processes, _commands, new ServerRequestPolicy(TimeProvider.System), limits, _time);

    private sealed class FakeProcessTable : IProcessTable
    {
        public ProcessPresence Presence { get; set; } = ProcessPresence.Same;

        public Func<ProcessIdentity, ProcessPresence>? Look { get; set; }

        public List<ProcessIdentity> Asked { get; } = [];

        public ProcessIdentity Self => new(1, "1", null, null);

        public ProcessIdentity? Identify(int pid) => null;

        ProcessPresence IProcessTable.Look(ProcessIdentity recorded)
        {
            Asked.Add(recorded);
            return Look?.Invoke(recorded) ?? Presence;
        }
    }

    private sealed class FakeTurnProcesses : ITurnProcesses
    {
        public List<string> Ended { get; } = [];

        public IReadOnlyList<string> Left { get; set; } = [];

        public Task<IReadOnlyList<string>> EndAsync(string jobId, TimeSpan limit)
        {
            Ended.Add(jobId);
            return Task.FromResult(Left);
        }
    }
}
