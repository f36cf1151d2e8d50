using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.Pipeline.Tests.Support;
using CodexCompanion.Pipeline.Validation;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Broker;

/// <summary>How the facts about a broker are gathered; what follows from them is tested with the table of verdicts.</summary>
public sealed class BrokerProberTests : IAsyncLifetime
{
    private readonly BrokerBench _bench = new();
    private readonly ScratchFolder _folder = new();
    private readonly FakeBroker _broker;

    public BrokerProberTests()
    {
        _broker = new FakeBroker(_folder.Path) { Introduce = hello => hello with { InstanceId = _bench.Record.InstanceId } };
        _bench.Store.PublishBroker(_bench.Record with { Endpoint = _broker.Endpoint });
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        _folder.Dispose();
        _bench.Dispose();
    }

    [Fact]
    public async Task A_broker_that_answers_is_connected_and_its_own_words_are_the_facts()
    {
        _broker.Introduce = hello => hello with
        {
            InstanceId = _bench.Record.InstanceId,
            Draining = true,
            Protocol = 7,
            Fingerprint = "x",
            AgeMs = 1500,
            ActiveTurns = 3,
        };
        await using var probe = await ProbeAsync();

        Assert.Equal(new BrokerSelfReport(Draining: true, Protocol: 7, "x", TimeSpan.FromSeconds(1.5), ActiveTurns: 3), probe.Facts.Report);
        Assert.Equal(EndpointState.Answers, probe.Facts.Endpoint);
        Assert.Equal(VerdictKind.Retire, probe.Verdict.Kind);
        Assert.NotNull(probe.Connection);
    }

    [Fact]
    public async Task A_broker_that_fits_is_usable()
    {
        await using var probe = await ProbeAsync();

        Assert.Equal(VerdictKind.Usable, probe.Verdict.Kind);
        Assert.Equal(_bench.Record.InstanceId, probe.Record?.InstanceId);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(-400)]
    public async Task A_wall_clock_that_was_set_makes_no_broker_old_that_says_itself_how_old_it_is(int days)
    {
        _bench.Store.PublishBroker(_bench.Record with { Endpoint = _broker.Endpoint, StartedAt = TimeProvider.System.GetUtcNow().AddDays(days) });
        await using var probe = await ProbeAsync();

        Assert.Equal(VerdictKind.Usable, probe.Verdict.Kind);
    }

    [Fact]
    public async Task An_answer_of_another_instance_proves_nothing()
    {
        _broker.Introduce = hello => hello with { InstanceId = "ba9876543210" };

        await AssertMuteAsync();
    }

    [Fact]
    public async Task An_answer_with_another_cookie_proves_nothing()
    {
        _broker.Introduce = hello => hello with { InstanceId = _bench.Record.InstanceId, Cookie = "always the same" };

        await AssertMuteAsync();
    }

    [Fact]
    public async Task Accepting_without_an_answer_proves_nothing()
    {
        _broker.Mute = true;

        await AssertMuteAsync(new TimeLimits { Handshake = TimeSpan.FromMilliseconds(50) });
    }

    [LinuxFact]
    public async Task Nobody_at_the_endpoint_is_silence_and_the_lock_tells_the_rest()
    {
        _bench.Store.PublishBroker(_bench.Record with { Endpoint = _folder["gone.sock"] });
        await using var held = await ProbeAsync();
        _bench.Lock.Dispose();
        await using var free = await ProbeAsync();

        Assert.Equal((EndpointState.Silent, LockState.Held, ProcessPresence.Same), (held.Facts.Endpoint, held.Facts.Lock, held.Facts.Process));
        Assert.Equal(VerdictKind.Unresponsive, held.Verdict.Kind);
        Assert.Equal((EndpointState.Silent, LockState.Free, VerdictKind.Stale), (free.Facts.Endpoint, free.Facts.Lock, free.Verdict.Kind));
    }

    [Fact]
    public async Task Without_a_record_nothing_is_reached_for()
    {
        File.Delete(_bench.Store.Paths.BrokerFile);
        await using var held = await ProbeAsync();
        _bench.Lock.Dispose();
        await using var free = await ProbeAsync();

        Assert.Equal((EndpointState.NotProbed, VerdictKind.Starting), (held.Facts.Endpoint, held.Verdict.Kind));
        Assert.Equal((EndpointState.NotProbed, VerdictKind.None), (free.Facts.Endpoint, free.Verdict.Kind));
        Assert.Empty(_broker.Requests);
    }

    [Fact]
    public async Task Probing_changes_neither_record_nor_socket()
    {
        File.WriteAllText(_bench.Store.Paths.BrokerFile, "{");
        _bench.Lock.Dispose();
        await using var probe = await ProbeAsync();

        Assert.Equal(VerdictKind.Corrupt, probe.Verdict.Kind);
        Assert.Equal("{", File.ReadAllText(_bench.Store.Paths.BrokerFile));
        Assert.Equal(StateReadKind.Corrupt, _bench.Store.ReadBroker().Kind);
    }

    private async Task AssertMuteAsync(TimeLimits? limits = null)
    {
        await using var probe = await ProbeAsync(limits);

        Assert.Equal(EndpointState.Mute, probe.Facts.Endpoint);
        Assert.Equal(VerdictKind.Unresponsive, probe.Verdict.Kind);
        Assert.Null(probe.Connection);
    }

    private Task<BrokerProbe> ProbeAsync(TimeLimits? limits = null) =>
        new BrokerProber(
            new ProcessTable(), limits ?? new TimeLimits { Handshake = Wait.Limit }, new ServerRequestPolicy(TimeProvider.System), TimeProvider.System)
        .ProbeAsync(_bench.Store, read: null, fingerprint: "f", BrokerCaller.Visitor);
}
