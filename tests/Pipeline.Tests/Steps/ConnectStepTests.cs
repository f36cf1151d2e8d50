using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Steps;
using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.Pipeline.Tests.Support;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.Pipeline.Validation;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Steps;

/// <summary>From this step on programs are started: what they belong to is on record by then.</summary>
public sealed class ConnectStepTests : IAsyncLifetime
{
    private readonly ScratchFolder _folder = new();
    private readonly FakeBroker _broker;
    private readonly TaskCompletionSource _recorded = new();
    private bool _wentOn;

    public ConnectStepTests() => _broker = new FakeBroker(_folder.Path);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Nothing_is_started_before_the_run_is_recorded()
    {
        var run = RunAsync();
        Assert.False(run.IsCompleted || _wentOn);
        _recorded.SetResult();
        Assert.IsType<Outcome.Cancelled>(await run);
        Assert.True(_wentOn);
    }

    [Fact]
    public async Task Nothing_is_started_when_it_cannot_be_recorded()
    {
        var run = RunAsync();
        _recorded.SetException(new InvalidDataException("no"));
        await Assert.ThrowsAsync<InvalidDataException>(() => run);
        Assert.False(_wentOn);
    }

    [Fact]
    public async Task A_broker_that_was_greeted_is_hung_up_on_when_the_run_cannot_be_recorded()
    {
        await using var probe = await ProbeAsync(VerdictKind.Retire);
        var run = RunAsync(probe);
        _recorded.SetException(new InvalidDataException("no"));
        await Assert.ThrowsAsync<InvalidDataException>(() => run);
        Assert.Equal(LossKind.ClosedHere, (await probe.Connection!.Peer.Ended.WaitAsync(Wait.Limit)).Kind);
    }

    [Theory]
    [InlineData(VerdictKind.Usable, true)]
    [InlineData(VerdictKind.Retire, false)]
    [InlineData(VerdictKind.Stale, false)]
    [InlineData(VerdictKind.Starting, false)]
    public async Task Only_a_broker_that_answers_is_used_before_the_run_is_recorded(VerdictKind verdict, bool isUsed)
    {
        await using var probe = await ProbeAsync(verdict);
        var run = RunAsync(probe);
        Assert.Equal(isUsed, _wentOn);
        _recorded.SetException(new InvalidDataException("no"));
        await Task.WhenAny(run);
        Assert.Equal(isUsed, _wentOn);
    }

    private async Task<BrokerProbe> ProbeAsync(VerdictKind verdict)
    {
        var reach = await BrokerConnection.OpenAsync(_broker.Endpoint, BrokerCaller.Visitor, new TimeLimits(), new ServerRequestPolicy(TimeProvider.System));
        var connection = Assert.IsType<BrokerReach.Answered>(reach).Connection;
        return new BrokerProbe(new BrokerFacts { Record = StateReadKind.Ok, Lock = LockState.Held }, new Verdict(verdict, "It is so."), Record: null, connection);
    }

    // Without a broker's probe the run goes direct.
    private async Task<Outcome> RunAsync(BrokerProbe? probe = null)
    {
        var setup = new CompanionSetup
        {
            ToolVersion = "1",
            ProgramPath = "/none",
            StateRoot = _folder.Path,
            Environment = Child.OnlyPath,
            CodexPath = _folder.Write("codex", "", executable: true),
        };
        var launcher = new BrokerLauncher(setup, null!, null!, null!, null!, TimeProvider.System);
        var request = new TurnRequest { JobId = "j", Cwd = "/", Prompt = "p", ClientMessageId = "m" };
        await using var context = new PipelineContext(request, new RunOptions { Recorded = _recorded.Task }, new RecordingObserver(), CancellationToken.None)
        {
            Fallback = probe is null ? new Fallback(FallbackReason.BrokerDisabled) : null,
            Probe = probe,
        };
        return await new ConnectStep(launcher, new CodexInUse(setup), setup).InvokeAsync(context, _ =>
        {
            _wentOn = true;
            return Task.FromResult<Outcome>(new Outcome.Cancelled(StopProof.NothingRan));
        });
    }
}
