namespace CodexCompanion.Pipeline.Broker;

/// <summary>
/// Gives memory back when a broker has nothing to do. The collector works when something is allocated, so a busy hour's memory would stay for as long as
/// the broker is idle afterwards. Waits for a second quiet look: whoever only asks for the status every few seconds is not worth a collection each time.
/// </summary>
internal sealed class MemoryThrift
{
    private int _collectedAt;
    private int _quietSince;

    /// <summary>Looks; collects once after each busy time.</summary>
    /// <param name="visits">Connections accepted so far: any new one means there was something to do.</param>
    /// <param name="isQuiet">Whether nobody is connected and nothing runs.</param>
    /// <returns>Whether it collected.</returns>
    public bool Look(int visits, bool isQuiet)
    {
        var wasQuiet = visits == _quietSince;
        _quietSince = visits;
        if (!isQuiet || !wasQuiet || visits == _collectedAt)
            return false;
        _collectedAt = visits;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return true;
    }
}
