using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.Processes;

/// <summary>Ends processes: SIGTERM, then SIGKILL, each by an identity looked at again just before.</summary>
/// <param name="processes">Looks at processes.</param>
/// <param name="time">The clock.</param>
public sealed class ProcessEnder(IProcessTable processes, TimeProvider time)
{
    // How long a process may take to end politely: shells and build tools need some ten milliseconds, one that ignores the signal
    // never does.
    private static readonly TimeSpan Politeness = TimeSpan.FromMilliseconds(500);

    // A look costs a few milliseconds on a machine with hundreds of processes.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Ends the given processes.</summary>
    /// <param name="targets">The processes.</param>
    /// <param name="limit">How long it may take in all.</param>
    /// <param name="politeness">How long after SIGTERM one may take to end by itself; null for what ordinary commands need.</param>
    /// <returns>Those left when the limit was over; empty when all are gone.</returns>
    public Task<IReadOnlyList<FoundProcess>> EndAsync(IReadOnlyList<FoundProcess> targets, TimeSpan limit, TimeSpan? politeness = null) =>
        EndAsync(() => LivingOf(targets), limit, politeness, searches: false);

    /// <summary>Those of some processes that still run. What cannot be looked at is not called gone (and never signalled).</summary>
    public IReadOnlyList<FoundProcess> LivingOf(IReadOnlyList<FoundProcess> targets) =>
        [.. targets.Where(t => processes.Look(t.Identity) is ProcessPresence.Same or ProcessPresence.Unknown)];

    /// <summary>
    /// Ends what a search finds, and searches again until it has found nothing twice: a process may start another one while it is being ended, and one
    /// that starts during a search may be missed by it.
    /// </summary>
    /// <returns>Those left when the limit was over; empty when all are gone.</returns>
    public Task<IReadOnlyList<FoundProcess>> EndAsync(Func<IReadOnlyList<FoundProcess>> find, TimeSpan limit) =>
        EndAsync(find, limit, given: null, searches: true);

    private async Task<IReadOnlyList<FoundProcess>> EndAsync(Func<IReadOnlyList<FoundProcess>> find, TimeSpan limit, TimeSpan? given, bool searches)
    {
        var start = time.GetTimestamp();
        var politeness = given ?? (limit / 3 < Politeness ? limit / 3 : Politeness);
        var asked = new Dictionary<ProcessIdentity, long>();
        var isLast = false;
        var wasEmpty = !searches;
        while (true)
        {
            var left = find();
            if (isLast || (left.Count == 0 && (wasEmpty || asked.Count == 0)))
                return left;
            wasEmpty = !searches || left.Count == 0;
            isLast = time.GetElapsedTime(start) >= limit; // Even with no time left, what runs is killed and looked at once more.
            foreach (var process in left)
            {
                if (asked.TryAdd(process.Identity, time.GetTimestamp()) && !isLast)
                    ProcessSignal.Send(processes, process.Identity, EndingSignal.Terminate);
                else if (isLast || time.GetElapsedTime(asked[process.Identity]) >= politeness)
                    ProcessSignal.Send(processes, process.Identity, EndingSignal.Kill);
            }

            await Task.Delay(Pause, time);
        }
    }
}
