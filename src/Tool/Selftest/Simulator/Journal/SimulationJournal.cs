using System.Diagnostics;
using System.Text.Json;

namespace CodexCompanion.Tool.Selftest.Simulator.Journal;

/// <summary>What the simulated app-servers below one home have done, read at one moment.</summary>
/// <param name="Events">All events, in the order they were written.</param>
internal sealed record SimulationJournal(IReadOnlyList<JournalEvent> Events)
{
    // A process that took over a dead server's PID was started after the server wrote its first line; start times have a grain of 10 ms and
    // the two clocks may differ by a little.
    private static readonly TimeSpan ClockGrain = TimeSpan.FromSeconds(1);

    /// <summary>Reads the journal; without a file it is empty. Torn lines are left out.</summary>
    /// <param name="codexHome">The folder that holds <c>simulation.json</c>.</param>
    public static SimulationJournal Read(string codexHome)
    {
        var events = new List<JournalEvent>();
        foreach (var line in AppendOnlyFile.ReadLines(new SimulationHome(codexHome).JournalFile))
        {
            try
            {
                if (JsonSerializer.Deserialize(line, JournalJson.Default.JournalEvent) is { } entry)
                    events.Add(entry);
            }
            catch (JsonException)
            {
                // The line of a server that was killed while writing it.
            }
        }

        return new SimulationJournal(events);
    }

    /// <summary>The events of one name.</summary>
    public IEnumerable<JournalEvent> Of(string name) => Events.Where(e => string.Equals(e.Event, name, StringComparison.Ordinal));

    /// <summary>How often each effect was made.</summary>
    public IReadOnlyDictionary<string, int> Edits => Count(Of(JournalEvents.Edit).Select(e => e.Effect));

    /// <summary>How often each fault fired.</summary>
    public IReadOnlyDictionary<string, int> Faults => Count(Of(JournalEvents.FaultFired).Select(e => e.Fault));

    /// <summary>How many turns were started for each client message; turns without one are not counted here.</summary>
    public IReadOnlyDictionary<string, int> TurnsStarted => Count(Of(JournalEvents.TurnStarted).Select(e => e.ClientUserMessageId));

    /// <summary>How many turns ended as completed for each client message.</summary>
    public IReadOnlyDictionary<string, int> TurnsCompleted => Count(
        Of(JournalEvents.TurnEnded).Where(e => e.Status is "completed").Select(e => e.ClientUserMessageId));

    /// <summary>The number of server processes that were started.</summary>
    public int ServerCount => Of(JournalEvents.ServerStarted).Select(e => e.Server).Distinct(StringComparer.Ordinal).Count();

    /// <summary>How often the fault fired.</summary>
    public int FaultCount(string name) => Faults.GetValueOrDefault(name);

    /// <summary>How often the effect was made.</summary>
    public int EditCount(string effect) => Edits.GetValueOrDefault(effect);

    /// <summary>The servers that wrote no farewell and whose process is still there.</summary>
    public IReadOnlyList<int> LivePids()
    {
        var gone = Of(JournalEvents.ServerExit).Select(e => e.Server).ToHashSet(StringComparer.Ordinal);
        return [.. Of(JournalEvents.ServerStarted).Where(e => !gone.Contains(e.Server) && IsStillThere(e)).Select(e => e.Pid).Distinct()];
    }

    private static bool IsStillThere(JournalEvent started)
    {
        try
        {
            using var process = Process.GetProcessById(started.Pid);
            return process.StartTime.ToUniversalTime() <= started.Time.UtcDateTime + ClockGrain;
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // No such process, or it ended while being looked at.
            return false;
        }
    }

    private static Dictionary<string, int> Count(IEnumerable<string?> names) =>
        names.OfType<string>().CountBy(name => name, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
}
