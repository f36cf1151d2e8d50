using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Tests.Turns;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Broker;

public sealed class PaceTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void A_burst_passes_at_once_and_the_next_one_waits_for_its_turn()
    {
        var pace = new Pace(perSecond: 10, burst: 5, _time);
        for (var n = 0; n < 5; n++)
            Assert.True(Take(pace).IsCompletedSuccessfully);

        var sixth = Take(pace);
        Assert.False(sixth.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.True(sixth.IsCompletedSuccessfully);
    }

    [Fact]
    public void A_quiet_time_gives_no_more_than_a_burst_back()
    {
        var pace = new Pace(perSecond: 10, burst: 5, _time);
        _time.Advance(TimeSpan.FromHours(1));
        for (var n = 0; n < 5; n++)
            Assert.True(Take(pace).IsCompletedSuccessfully);
        Assert.False(Take(pace).IsCompleted);
    }

    [Fact]
    public async Task Who_waits_can_be_called_off()
    {
        var pace = new Pace(perSecond: 1, burst: 1, _time);
        await Take(pace);
        using var stop = new CancellationTokenSource();
        var waiting = pace.TakeAsync(stop.Token).AsTask();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private static Task Take(Pace pace) => pace.TakeAsync(CancellationToken.None).AsTask();
}
