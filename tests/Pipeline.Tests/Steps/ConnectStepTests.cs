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

/// <summary>From this step on programs are started and things are sent: what they belong to is on record by then.</summary>
public sealed class ConnectStepTests
{
    private readonly TaskCompletionSource _recorded = new();
    private bool _wentOn;

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
        using var folder = new ScratchFolder();
        await using var broker = new FakeBroker(folder.Path);
        var reach = await BrokerConnection.OpenAsync(broker.Endpoint, BrokerCaller.Visitor, new TimeLimits(), new ServerRequestPolicy(TimeProvider.System));
        var connection = Assert.IsType<BrokerReach.Answered>(reach).Connection;
        var facts = new BrokerFacts { Record = StateReadKind.Ok, Lock = LockState.Held };
        var probe = new BrokerProbe(facts, new Verdict(VerdictKind.Usable, "It answers."), Record: null, connection);

        var run = RunAsync(context =>
        {
            context.Fallback = null;
            context.Probe = probe;
        });
        _recorded.SetException(new InvalidDataException("no"));
        await Assert.ThrowsAsync<InvalidDataException>(() => run);

        Assert.Equal(LossKind.ClosedHere, (await connection.Peer.Ended.WaitAsync(Wait.Limit)).Kind);
    }

    // A run that goes direct needs nothing of what the step has.
    private async Task<Outcome> RunAsync(Action<PipelineContext>? prepare = null)
    {
        var request = new TurnRequest { JobId = "j", Cwd = "/", Prompt = "p", ClientMessageId = "m" };
        await using var context = new PipelineContext(request, new RunOptions { Recorded = _recorded.Task }, new RecordingObserver(), CancellationToken.None)
        {
            Fallback = new Fallback(FallbackReason.BrokerDisabled),
        };
        prepare?.Invoke(context);
        return await new ConnectStep(null!, null!, null!).InvokeAsync(context, _ =>
        {
            _wentOn = true;
            return Task.FromResult<Outcome>(new Outcome.Cancelled(StopProof.NothingRan));
        });
    }
}
