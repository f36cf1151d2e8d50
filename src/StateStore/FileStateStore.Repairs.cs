using CodexCompanion.StateStore.Records;
using CodexCompanion.StateStore.Repairs;

namespace CodexCompanion.StateStore;

/// <content>Looks that repair nothing, and repairs.</content>
public sealed partial class FileStateStore
{
    /// <inheritdoc/>
    public StateRead<IReadOnlyList<JobRecord>> ReadIndex()
    {
        var read = _index.ReadWhole();
        return new StateRead<IReadOnlyList<JobRecord>>(read.Kind, read.Value?.Jobs, read.Detail);
    }

    /// <inheritdoc/>
    public T Repair<T>(string purpose, Func<StateRepairs, T> work) => UnderLock(
        purpose, () => work(new StateRepairs(_files, _disk, _quarantine, _jobs, _index)));
}
