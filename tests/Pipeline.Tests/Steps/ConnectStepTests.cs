using CodexCompanion.Pipeline.Steps;
using CodexCompanion.Pipeline.Turns;
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

    // A run that goes direct needs nothing of what the step has.
    private async Task<Outcome> RunAsync()
    {
        var request = new TurnRequest { JobId = "j", Cwd = "/", Prompt = "p", ClientMessageId = "m" };
        await using var context = new PipelineContext(request, new RunOptions { Recorded = _recorded.Task }, new RecordingObserver(), CancellationToken.None)
        {
            Fallback = new Fallback(FallbackReason.BrokerDisabled),
        };
        return await new ConnectStep(null!, null!, null!).InvokeAsync(context, _ =>
        {
            _wentOn = true;
            return Task.FromResult<Outcome>(new Outcome.Cancelled(StopProof.NothingRan));
        });
    }
}
