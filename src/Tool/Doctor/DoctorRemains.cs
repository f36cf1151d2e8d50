using CodexCompanion.Pipeline.Processes;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Doctor.Journal;

namespace CodexCompanion.Tool.Doctor;

/// <summary>The processes of a broker that is gone, or has to go: found by its mark in their environment, ended by identity.</summary>
/// <param name="place">Where.</param>
/// <param name="journal">Takes each process that is ended; null for a look only.</param>
/// <param name="check">The check that asks.</param>
internal sealed class DoctorRemains(DoctorPlace place, RepairJournal? journal, string check)
{
    // As for a lost turn: SIGTERM, after a third SIGKILL, and then some time for the system.
    private static readonly TimeSpan GoneWithin = TimeSpan.FromSeconds(5);

    private readonly ProcessTree _tree = new(place.Site.Processes);
    private readonly ProcessEnder _ender = new(place.Site.Processes, place.Site.Host.Time);

    /// <summary>What a broker's app-servers started and they themselves; not the broker.</summary>
    public IReadOnlyList<FoundProcess> Of(BrokerRecord record)
    {
        var found = new List<FoundProcess>(_tree.MarkedByPrefix(ProcessTree.InstanceVariable, record.InstanceId + "."));
        if (record.AppServer is { } server && place.Site.Processes.Look(server) == ProcessPresence.Same && !found.Exists(f => f.Identity == server))
            found.Add(new FoundProcess(server, "codex app-server"));
        return found;
    }

    /// <summary>Ends what a search finds, and searches again until it finds nothing.</summary>
    /// <returns>What is left.</returns>
    public async Task<IReadOnlyList<FoundProcess>> EndAsync(Func<IReadOnlyList<FoundProcess>> find)
    {
        var first = find();
        foreach (var process in first)
            journal?.Begin(StepOf(process));
        if (first.Count == 0)
            return [];
        var left = await _ender.EndAsync(find, GoneWithin);
        foreach (var process in first.Where(process => !left.Contains(process)))
            journal?.Done(StepOf(process));
        return left;
    }

    private JournalStep StepOf(FoundProcess process) => new(check, StepKind.Ended, process.ToString());
}
