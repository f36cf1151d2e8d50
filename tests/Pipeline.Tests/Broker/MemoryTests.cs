using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Tests.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Broker;

public sealed class MemoryTests
{
    [Fact]
    public void The_memory_of_a_living_process_is_told_and_of_none_is_not()
    {
        Assert.InRange(Memory.ResidentBytes(Environment.ProcessId) ?? 0, 10L * 1024 * 1024, 16L * 1024 * 1024 * 1024);
        Assert.Null(Memory.ResidentBytes(999_999_999));
    }

    [Fact]
    public void Memory_is_given_back_once_after_each_busy_time_and_not_for_a_mere_look_in_between()
    {
        var thrift = new MemoryThrift();
        Assert.False(thrift.Look(visits: 0, isQuiet: true)); // Nothing happened yet.
        Assert.False(thrift.Look(visits: 3, isQuiet: false));
        Assert.True(thrift.Look(visits: 3, isQuiet: true));
        Assert.False(thrift.Look(visits: 3, isQuiet: true));
        Assert.False(thrift.Look(visits: 4, isQuiet: true)); // Somebody came and went within one interval: perhaps again in the next.
        Assert.False(thrift.Look(visits: 5, isQuiet: true));
        Assert.True(thrift.Look(visits: 5, isQuiet: true));
    }

    [LinuxFact]
    public async Task An_app_server_past_the_bound_is_found_by_its_resident_memory()
    {
        using var codex = new AppServer.FakeCodex(AppServer.FakeCodex.Answers);
        using var bench = new BrokerBench();
        var setup = new SwitchboardSetup(
            "0123456789ab",
            (slot, cancellation) => codex.TryStartAsync(slot, cancellation),
            new Pipeline.AppServer.ServerRequestPolicy(TimeProvider.System),
            new Pipeline.Processes.TurnProcesses(codex.Tree, new Pipeline.Processes.ProcessEnder(Child.Table, TimeProvider.System)),
            bench.Log.Path + ".journal",
            new TimeLimits());
        await using var board = new Switchboard(setup, bench.Log, TimeProvider.System);
        var (slot, _) = await board.Servers.GetAsync(CancellationToken.None);
        Assert.NotNull(slot);

        await board.ReplaceWornOutAsync(maxBytes: long.MaxValue);
        Assert.True(slot.IsAlive);
        await board.ReplaceWornOutAsync(maxBytes: 1);

        Assert.False(slot.IsAlive);
        Assert.Contains("gets no new work", bench.LogText, StringComparison.Ordinal);
    }
}
