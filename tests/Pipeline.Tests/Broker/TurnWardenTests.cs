using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Tests.AppServer;
using CodexCompanion.Pipeline.Tests.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Broker;

public sealed class TurnWardenTests : IAsyncLifetime
{
    private static readonly TimeLimits Limits = new()
    {
        Cancel = TimeSpan.FromMilliseconds(300),
        InterruptConfirmed = TimeSpan.FromMilliseconds(100),
        Call = TimeSpan.FromMilliseconds(100),
    };

    // Answers initialize and nothing else: no interrupt is ever confirmed.
    private readonly FakeCodex _codex = new(FakeCodex.Answers);
    private readonly ScratchFolder _folder = new();
    private readonly ThreadTable _threads = new();
    private readonly BrokerLog _log;
    private readonly AppServerSupervisor _servers;
    private readonly TurnWarden _warden;
    private readonly TestClient _client = new();

    public TurnWardenTests()
    {
        _log = new BrokerLog(_folder["broker.log"], "test", TimeProvider.System);
        var router = new EventRouter(_threads, new ClientTable(), new ServerRequestPolicy(TimeProvider.System), _log);
        _servers = new AppServerSupervisor("test", (slot, cancellation) => _codex.TryStartAsync(slot, cancellation), router, _log, TimeProvider.System);
        _warden = new TurnWarden(_threads, _servers, new ThreadReleaser(_folder["journal"], Limits, _log), new NoCommands(), Limits, _log);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _client.DisposeAsync();
        await _servers.DisposeAsync();
        _folder.Dispose();
        _codex.Dispose();
    }

    [LinuxFact]
    public async Task A_turn_that_ignores_its_interrupt_is_never_called_ended_while_others_keep_its_app_server()
    {
        var slot = await SlotAsync();
        var stubborn = Begin("stubborn", slot);
        var other = Begin("other", slot);

        Assert.False((await _warden.StopAsync(stubborn, "job")).TurnEnded);
        Assert.True(slot.Tainted);
        Assert.True(slot.IsAlive);

        // Whoever asks again, about to run the turn anew elsewhere, must not hear that there is none.
        Assert.Same(stubborn, _threads.Find("stubborn"));
        Assert.NotNull(stubborn.Turn);
        Assert.False((await _warden.StopAsync(stubborn, "job")).TurnEnded);
        Assert.Null(_threads.BeginTurn(stubborn, "job"));
        Assert.Equal(1, _threads.CountTurns(slot));

        // Nobody else uses it any more: now its end can be proved.
        Assert.NotNull(_threads.EndTurn(other, turnId: null));
        Assert.True((await _warden.StopAsync(stubborn, "job")).TurnEnded);
        Assert.False(slot.IsAlive);
    }

    [LinuxFact]
    public async Task A_turn_that_ignores_its_interrupt_is_ended_with_its_app_server_when_it_is_alone_there()
    {
        var slot = await SlotAsync();
        var stubborn = Begin("stubborn", slot);

        Assert.True((await _warden.StopAsync(stubborn, "job")).TurnEnded);
        Assert.False(slot.IsAlive);
        await Wait.UntilAsync(() => _threads.Find("stubborn") is null, "its threads are gone with it");
    }

    [LinuxFact]
    public async Task A_client_that_goes_away_leaves_a_turn_that_ignores_its_interrupt_to_nobody()
    {
        var slot = await SlotAsync();
        var stubborn = Begin("stubborn", slot);
        await using var otherClient = new TestClient();
        var other = _threads.Claim("other", slot, otherClient.Connection);
        Assert.NotNull(other);
        _threads.BeginTurn(other, "other job");

        await _warden.AbandonAsync(_client.Connection);

        Assert.Null(stubborn.Owner);
        Assert.Null(_threads.Claim("stubborn", slot, otherClient.Connection));
        Assert.Same(otherClient.Connection, other.Owner);
    }

    private async Task<AppServerSlot> SlotAsync()
    {
        var (slot, failure) = await _servers.GetAsync(CancellationToken.None);
        Assert.True(slot is not null, failure?.Message);
        return slot;
    }

    private ThreadEntry Begin(string threadId, AppServerSlot slot)
    {
        var entry = _threads.Claim(threadId, slot, _client.Connection);
        Assert.NotNull(entry);
        var turn = _threads.BeginTurn(entry, "job");
        Assert.NotNull(turn);
        turn.TurnId = "turn of " + threadId;
        return entry;
    }

    private sealed class NoCommands : ITurnProcesses
    {
        public Task<IReadOnlyList<string>> EndAsync(string jobId, TimeSpan limit) => Task.FromResult<IReadOnlyList<string>>([]);
    }
}
