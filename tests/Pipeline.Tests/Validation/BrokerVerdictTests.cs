using CodexCompanion.Pipeline.Validation;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Validation;

/// <summary>The table of verdicts, a test a row; each row with every value of the facts that do not matter to it.</summary>
public sealed class BrokerVerdictTests
{
    private static readonly BrokerWanted Wanted = new(
        Protocol: 1, Fingerprint: "abc", MaxAge: TimeSpan.FromHours(12), StartLimit: TimeSpan.FromSeconds(15), ConflictGrace: TimeSpan.FromSeconds(60));

    private static readonly TimeSpan Young = TimeSpan.FromSeconds(14.9);
    private static readonly TimeSpan Old = TimeSpan.FromSeconds(15);

    [Fact]
    public void Where_locks_do_not_work_nothing_else_counts()
    {
        foreach (var facts in BrokerFactsProduct.All().Where(f => f.Lock == LockState.Unusable))
            Expect(VerdictKind.LocksUnusable, facts);
    }

    [Fact]
    public void A_broker_that_answers_and_fits_is_usable_whatever_lock_and_process_look_like()
    {
        foreach (var facts in Answering(Report()))
            Expect(VerdictKind.Usable, facts);
    }

    [Fact]
    public void A_broker_just_below_the_greatest_age_is_usable_with_turns_running_as_well()
    {
        foreach (var facts in Answering(Report(age: Wanted.MaxAge - TimeSpan.FromSeconds(1), turns: 5)))
            Expect(VerdictKind.Usable, facts);
    }

    [Theory]
    [InlineData(true, 1, "abc", 1, 0)]
    [InlineData(true, 2, "other", 1, 3)]
    [InlineData(false, 2, "abc", 1, 0)]
    [InlineData(false, 0, "abc", 1, 3)]
    [InlineData(false, 2, "other", 1, 3)]
    [InlineData(false, 1, "abc", 720, 0)]
    [InlineData(false, 1, "abc", 5000, 3)]
    [InlineData(false, 1, "other", 1, 0)]
    [InlineData(false, 1, "ABC", 5000, 0)]
    public void A_broker_that_drains_or_is_too_old_or_speaks_or_serves_something_else_retires(
        bool draining, int protocol, string fingerprint, int ageMinutes, int turns)
    {
        foreach (var facts in Answering(new BrokerSelfReport(draining, protocol, fingerprint, TimeSpan.FromMinutes(ageMinutes), turns)))
            Expect(VerdictKind.Retire, facts);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(59, 0)]
    [InlineData(59, 2)]
    [InlineData(60, 1)]
    [InlineData(360_000, 1)]
    public void A_broker_of_another_fingerprint_is_left_alone_while_it_is_new_or_at_work(int ageSeconds, int turns)
    {
        foreach (var facts in Answering(Report(fingerprint: "other", age: TimeSpan.FromSeconds(ageSeconds), turns: turns)))
            Expect(VerdictKind.FingerprintConflict, facts);
    }

    [Fact]
    public void A_missing_record_under_a_held_lock_means_that_one_is_starting()
    {
        foreach (var facts in With(StateReadKind.Missing, LockState.Held))
            Expect(VerdictKind.Starting, facts);
    }

    [Fact]
    public void A_missing_record_and_a_free_lock_mean_that_there_is_none()
    {
        foreach (var facts in With(StateReadKind.Missing, LockState.Free))
            Expect(VerdictKind.None, facts);
    }

    [Fact]
    public void A_corrupt_record_under_a_free_lock_may_be_set_aside()
    {
        foreach (var facts in With(StateReadKind.Corrupt, LockState.Free))
            Expect(VerdictKind.Corrupt, facts);
    }

    [Fact]
    public void A_corrupt_record_under_a_held_lock_is_left_alone()
    {
        foreach (var facts in With(StateReadKind.Corrupt, LockState.Held))
            Expect(VerdictKind.Unknown, facts);
    }

    [Theory]
    [InlineData(StateReadKind.TooNew)]
    [InlineData(StateReadKind.Unreadable)]
    public void A_record_of_a_later_version_or_one_that_cannot_be_read_is_left_alone(StateReadKind record)
    {
        foreach (var facts in With(record, LockState.Held).Concat(With(record, LockState.Free)))
            Expect(VerdictKind.Unknown, facts);
    }

    [Fact]
    public void A_full_backlog_under_a_held_lock_is_a_broker_that_is_busy()
    {
        foreach (var facts in With(StateReadKind.Ok, LockState.Held).Where(f => f.Endpoint == EndpointState.Busy))
            Expect(VerdictKind.Busy, facts);
    }

    [Theory]
    [InlineData(ProcessPresence.Same)]
    [InlineData(ProcessPresence.Unknown)]
    public void A_silent_broker_that_is_young_and_may_live_is_starting(ProcessPresence process)
    {
        Expect(VerdictKind.Starting, Silent(LockState.Held, process, Young));
        Expect(VerdictKind.Unresponsive, Silent(LockState.Held, process, Old));
        Expect(VerdictKind.Unresponsive, Silent(LockState.Held, process, recordAge: null));
    }

    [Theory]
    [InlineData(ProcessPresence.Same)]
    [InlineData(ProcessPresence.Unknown)]
    public void A_silent_broker_from_the_future_is_waited_for_only_as_long_as_one_of_now(ProcessPresence process)
    {
        // The clock was set back: a few seconds may be anything, hours would make every command wait its whole limit.
        Expect(VerdictKind.Starting, Silent(LockState.Held, process, -Young));
        Expect(VerdictKind.Unresponsive, Silent(LockState.Held, process, -Old));
        Expect(VerdictKind.Unresponsive, Silent(LockState.Held, process, TimeSpan.FromHours(-5)));
    }

    [Theory]
    [InlineData(ProcessPresence.Gone)]
    [InlineData(ProcessPresence.Other)]
    public void A_silent_broker_whose_process_is_gone_while_its_lock_is_held_is_unresponsive_at_any_age(ProcessPresence process)
    {
        Expect(VerdictKind.Unresponsive, Silent(LockState.Held, process, Young));
        Expect(VerdictKind.Unresponsive, Silent(LockState.Held, process, Old));
    }

    [Fact]
    public void A_mute_broker_under_a_held_lock_is_unresponsive_however_young()
    {
        foreach (var facts in With(StateReadKind.Ok, LockState.Held).Where(f => f.Endpoint == EndpointState.Mute))
            Expect(VerdictKind.Unresponsive, facts);
    }

    [Fact]
    public void A_silent_endpoint_under_a_free_lock_with_another_process_in_its_place_is_a_reused_pid()
    {
        Expect(VerdictKind.PidReused, Silent(LockState.Free, ProcessPresence.Other, Young));
        Expect(VerdictKind.PidReused, Silent(LockState.Free, ProcessPresence.Other, Old));
    }

    [Theory]
    [InlineData(ProcessPresence.Gone)]
    [InlineData(ProcessPresence.Same)]
    [InlineData(ProcessPresence.Unknown)]
    public void A_silent_endpoint_under_a_free_lock_is_stale(ProcessPresence process)
    {
        Expect(VerdictKind.Stale, Silent(LockState.Free, process, Young));
        Expect(VerdictKind.Stale, Silent(LockState.Free, process, Old));
    }

    [Theory]
    [InlineData(EndpointState.Busy)]
    [InlineData(EndpointState.Mute)]
    [InlineData(EndpointState.NotProbed)]
    public void Somebody_at_the_endpoint_under_a_free_lock_is_unknown_and_left_alone(EndpointState endpoint)
    {
        foreach (var facts in With(StateReadKind.Ok, LockState.Free).Where(f => f.Endpoint == endpoint))
            Expect(VerdictKind.Unknown, facts);
    }

    private static IEnumerable<BrokerFacts> Answering(BrokerSelfReport report) =>
        With(StateReadKind.Ok, LockState.Held).Concat(With(StateReadKind.Ok, LockState.Free))
            .Where(f => f.Endpoint == EndpointState.Answers)
            .Select(f => f with { Report = report });

    private static IEnumerable<BrokerFacts> With(StateReadKind record, LockState state) =>
        BrokerFactsProduct.All().Where(f => f.Record == record && f.Lock == state);

    private static BrokerFacts Silent(LockState state, ProcessPresence process, TimeSpan? recordAge) => new()
    {
        Record = StateReadKind.Ok,
        Lock = state,
        Process = process,
        Endpoint = EndpointState.Silent,
        RecordAge = recordAge,
    };

    private static BrokerSelfReport Report(string fingerprint = "abc", TimeSpan? age = null, int turns = 0) =>
        new(Draining: false, Protocol: 1, fingerprint, age ?? TimeSpan.FromMinutes(5), turns);

    private static void Expect(VerdictKind expected, BrokerFacts facts)
    {
        var verdict = BrokerVerdicts.Judge(facts, Wanted);
        Assert.True(expected == verdict.Kind, $"{facts} gave {verdict}, not {expected}.");
    }
}
