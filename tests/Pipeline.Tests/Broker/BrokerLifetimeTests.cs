using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Broker;

public sealed class BrokerLifetimeTests : IDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    private readonly BrokerBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void It_drains_and_is_done_when_nobody_came_for_the_idle_limit()
    {
        Pass(BrokerBench.Limits.Idle - Moment);
        AssertRunning();

        Pass(Moment);
        AssertDraining("idle");
        Assert.True(_bench.Lifetime.Done.IsCompleted);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    public void A_connection_or_a_turn_keeps_it_and_the_limit_counts_from_its_end(int connections, int turns)
    {
        _bench.Time.Advance(BrokerBench.Limits.Idle * 3);
        _bench.Tick(connections, turns);
        AssertRunning();

        Pass(BrokerBench.Limits.Idle - Moment);
        AssertRunning();
        Pass(Moment);
        AssertDraining("idle");
    }

    [Fact]
    public void A_visit_between_two_looks_keeps_it_as_well()
    {
        Pass(BrokerBench.Limits.Idle - Moment);
        _bench.Lifetime.NoteUse();
        Pass(BrokerBench.Limits.Idle - Moment);
        AssertRunning();
        Pass(Moment);
        AssertDraining("idle");
    }

    [Theory]
    [InlineData(40)]
    [InlineData(-40)]
    public void A_wall_clock_that_jumps_makes_it_neither_idle_nor_old_and_lets_it_drain_no_sooner(int days)
    {
        _bench.Time.WallClockSetBy = TimeSpan.FromDays(days);
        _bench.Tick();
        Assert.False(_bench.Lifetime.IsDraining);

        _bench.Lifetime.BeginDraining("told to");
        _bench.Time.WallClockSetBy = -_bench.Time.WallClockSetBy;
        _bench.Tick(turns: 1);
        Assert.False(_bench.Lifetime.Done.IsCompleted);
    }

    [Fact]
    public void After_the_last_session_it_goes_sooner()
    {
        Pass(BrokerBench.Limits.IdleAfterLastSession - Moment, lastSessionReleased: true);
        AssertRunning();

        Pass(Moment, lastSessionReleased: true);
        AssertDraining("idle");
    }

    [Fact]
    public void The_end_of_the_last_session_does_not_take_it_from_somebody_who_uses_it()
    {
        for (var n = 0; n < 100; n++)
        {
            _bench.Time.Advance(BrokerBench.Limits.IdleAfterLastSession);
            _bench.Tick(connections: 1, lastSessionReleased: true);
        }

        AssertRunning();
    }

    [Fact]
    public void When_it_is_too_old_it_goes_as_soon_as_nobody_uses_it()
    {
        for (var passed = TimeSpan.Zero; passed < BrokerBench.Limits.BrokerAge; passed += BrokerBench.Limits.Idle / 2)
        {
            _bench.Time.Advance(BrokerBench.Limits.Idle / 2);
            _bench.Tick(connections: 1, turns: 1);
        }

        AssertRunning();
        Pass(Moment);
        AssertDraining("too old");
    }

    [Fact]
    public void When_its_app_server_keeps_dying_it_goes()
    {
        _bench.Tick(connections: 3, keepsDying: true);

        AssertDraining("keeps dying");
    }

    [Fact]
    public void When_another_instance_took_over_it_goes_in_spite_of_its_clients()
    {
        _bench.Store.PublishBroker(_bench.Record with { InstanceId = "ba9876543210" });
        _bench.Tick(connections: 3, turns: 1);

        AssertDraining("ba9876543210");
        Assert.False(_bench.Lifetime.Done.IsCompleted);
    }

    [Fact]
    public void A_missing_record_stands_again_after_the_next_look()
    {
        File.Delete(_bench.Store.Paths.BrokerFile);
        _bench.Tick();

        AssertRunning();
        Assert.Equal(StateReadKind.Ok, _bench.Store.ReadBroker().Kind);
    }

    [Fact]
    public void A_draining_one_does_not_publish_its_record_again()
    {
        _bench.Lifetime.BeginDraining("told to");
        File.Delete(_bench.Store.Paths.BrokerFile);
        _bench.Tick(turns: 1);

        Assert.Equal(StateReadKind.Missing, _bench.Store.ReadBroker().Kind);
    }

    [Fact]
    public void The_lock_is_given_back_at_the_begin_of_draining_so_that_a_successor_can_start()
    {
        Assert.Equal(LockState.Held, _bench.LockState);
        _bench.Lifetime.BeginDraining("told to");

        Assert.Equal(LockState.Free, _bench.LockState);
        Assert.False(_bench.Lifetime.Done.IsCompleted);
    }

    [Fact]
    public void Draining_waits_for_turns_and_for_nothing_else()
    {
        _bench.Lifetime.BeginDraining("told to");
        _bench.Tick(connections: 2, turns: 1);
        Assert.False(_bench.Lifetime.Done.IsCompleted);

        _bench.Tick(connections: 2, turns: 0);
        Assert.True(_bench.Lifetime.Done.IsCompleted);
    }

    [Fact]
    public void Draining_waits_for_turns_no_longer_than_its_limit()
    {
        _bench.Lifetime.BeginDraining("told to");
        _bench.Time.Advance(BrokerBench.Limits.Drain - Moment);
        _bench.Tick(connections: 1, turns: 1);
        Assert.False(_bench.Lifetime.Done.IsCompleted);

        _bench.Time.Advance(Moment);
        _bench.Tick(connections: 1, turns: 1);
        Assert.True(_bench.Lifetime.Done.IsCompleted);
    }

    [Fact]
    public void The_first_reason_to_drain_counts_and_the_limit_runs_from_it()
    {
        _bench.Lifetime.BeginDraining("first");
        _bench.Time.Advance(BrokerBench.Limits.Drain);
        _bench.Lifetime.BeginDraining("second");
        _bench.Tick(turns: 1);

        Assert.True(_bench.Lifetime.Done.IsCompleted);
        Assert.DoesNotContain("second", _bench.LogText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_waits_for_the_next_look_wakes_up_when_draining_begins()
    {
        var waiting = _bench.Lifetime.WaitAsync(TimeSpan.FromHours(1), CancellationToken.None);
        _bench.Lifetime.BeginDraining("told to");

        await waiting.WaitAsync(Wait.Limit);
    }

    [Fact]
    public void It_says_of_itself_what_a_client_judges_it_by()
    {
        _bench.Time.Advance(TimeSpan.FromSeconds(90));
        var ready = _bench.Lifetime.Describe("cookie", turns: 2, slot: null);
        _bench.Lifetime.BeginDraining("told to");

        Assert.Equal(("cookie", _bench.Record.InstanceId, 90_000, 2), (ready.Cookie, ready.InstanceId, ready.AgeMs, ready.ActiveTurns));
        Assert.Equal((_bench.Record.Fingerprint, _bench.Record.Protocol), (ready.Fingerprint, ready.Protocol));
        Assert.False(ready.Draining);
        Assert.True(_bench.Lifetime.Describe("cookie", turns: 2, slot: null).Draining);
    }

    private void Pass(TimeSpan time, bool lastSessionReleased = false)
    {
        _bench.Time.Advance(time);
        _bench.Tick(lastSessionReleased: lastSessionReleased);
    }

    private void AssertRunning()
    {
        Assert.False(_bench.Lifetime.IsDraining, _bench.LogText);
        Assert.Equal(LockState.Held, _bench.LockState);
        Assert.False(_bench.Lifetime.Done.IsCompleted);
    }

    private void AssertDraining(string reason)
    {
        Assert.True(_bench.Lifetime.IsDraining);
        Assert.Equal(LockState.Free, _bench.LockState);
        Assert.Contains(reason, _bench.LogText, StringComparison.Ordinal);
    }
}
