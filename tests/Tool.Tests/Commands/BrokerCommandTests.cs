using CodexCompanion.StateStore;
using CodexCompanion.Tool.Tests.Doctor;
using Xunit;

namespace CodexCompanion.Tool.Tests.Commands;

/// <summary>What <c>broker status</c> and <c>broker stop</c> say of a broker that does not answer is what the next task will do about it.</summary>
public sealed class BrokerCommandTests : IDisposable
{
    private readonly DoctorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_that_holds_its_lock_is_left_alone_and_was_not_stopped(bool torn)
    {
        Publish(torn);
        _bench.Hold(_bench.Store.Lock(StateLock.Broker));

        var status = await _bench.Bench.RunAsync("broker", "status");
        Assert.Equal((ExitCodes.Done, ""), (status.ExitCode, status.Error));
        Assert.EndsWith("Tasks run without it; `codex-companion doctor` says more.\n", status.Out, StringComparison.Ordinal);

        var stop = await _bench.Bench.RunAsync("broker", "stop");
        Assert.Equal((ExitCodes.Busy, ""), (stop.ExitCode, stop.Out));
        Assert.StartsWith("error: The broker could not be asked, and it was not stopped: ", stop.Error, StringComparison.Ordinal);
        Assert.Contains("doctor --force", stop.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_that_is_gone_is_the_next_tasks_business_and_there_is_nothing_to_stop(bool torn)
    {
        Publish(torn);

        Assert.EndsWith("The next task puts that right.\n", (await _bench.Bench.RunAsync("broker", "status")).Out, StringComparison.Ordinal);
        var stop = await _bench.Bench.RunAsync("broker", "stop");
        Assert.Equal((ExitCodes.Done, ""), (stop.ExitCode, stop.Error));
        Assert.StartsWith("No broker answers in this workspace: ", stop.Out, StringComparison.Ordinal);
    }

    private void Publish(bool torn)
    {
        _bench.Store.PublishBroker(_bench.Record("0a1b2c3d4e5f", DoctorBench.Self));
        if (torn)
            File.WriteAllText(_bench.Paths.BrokerFile, "{");
    }
}
