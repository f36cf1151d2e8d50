using CodexCompanion.Tool.Selftest;
using CodexCompanion.Tool.Selftest.Rows;
using CodexCompanion.Tool.Selftest.Simulator.Journal;
using Xunit;

namespace CodexCompanion.Tool.Tests.Selftest;

public sealed class ServerExitsRowTests
{
    [Fact]
    public void A_server_that_went_after_a_turn_counts_whoever_ended_it_and_no_other()
    {
        JournalEvent[] events =
        [
            Event(JournalEvents.TurnEnded, "first"), Event(JournalEvents.ServerExit, "first"),
            Event(JournalEvents.TurnEnded, "told to go"), Event(JournalEvents.ServerExit, "told to go"),
            Event(JournalEvents.ServerExit, "never used"),
            Event(JournalEvents.TurnEnded, "still there"),
        ];

        Assert.Equal(2, new ServerExitsRow().CountFaults(new RowEvidence([], new SimulationJournal(events), new Dictionary<string, int>(StringComparer.Ordinal))));
    }

    private static JournalEvent Event(string name, string server) =>
        new() { Event = name, Time = DateTimeOffset.UnixEpoch, Pid = 1, Server = server };
}
