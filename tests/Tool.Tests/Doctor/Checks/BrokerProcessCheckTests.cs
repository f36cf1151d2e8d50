using System.Diagnostics;
using System.Runtime.Versioning;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Processes;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor.Checks;

[UnsupportedOSPlatform("windows")]
public sealed class BrokerProcessCheckTests : IDisposable
{
    private const string Check = "broker-process";
    private readonly DoctorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Without_a_broker_there_is_nothing_to_find() => await _bench.IsLeftAloneAsync(Check);

    [Fact]
    public async Task A_mute_broker_is_only_told_of_unless_forced()
    {
        using var sleeper = Process.Start("sleep", "600");
        try
        {
            var identity = new ProcessTable().Identify(sleeper.Id)!;
            _bench.Store.EnsureCreated();
            _bench.Hold(_bench.Store.Lock(StateLock.Broker));
            _bench.Store.PublishBroker(_bench.Record("0a1b2c3d4e5f", identity, _bench.MuteSocket("0a1b2c3d4e5f")));

            // The lock says another process than the record: which one is the broker cannot be proved, so nothing is signalled.
            var end = await _bench.DoctorAsync("--force", "--check", Check);
            Assert.Equal(("problem", "manual", 1), (end.StatusOf(Check), end.KindOf(Check), end.ExitCode));
            Assert.False(sleeper.HasExited);
        }
        finally
        {
            sleeper.Kill();
        }
    }
}
