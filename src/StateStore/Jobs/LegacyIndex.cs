using System.IO.Abstractions;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.StateStore.Jobs;

/// <summary>The index of jobs as the Node runtime keeps it, <c>state.json</c>: read only, and as far as it can be.</summary>
public static class LegacyIndex
{
    private const string FileName = "state.json";

    // It keeps fifty jobs; their summaries have a hundred characters or so.
    private const int Largest = 16 * 1024 * 1024;

    /// <summary>The jobs it names, also up to where it is torn; none when there is no index that can be read.</summary>
    /// <param name="stateFolder">The Node runtime's folder of one workspace.</param>
    public static IReadOnlyList<JobRecord> Jobs(string stateFolder) =>
        new StateFile(new FileSystem(), NativeDisk.Instance).ReadBytes(Path.Combine(stateFolder, FileName), Largest).Value is { } bytes
            ? IndexSalvage.From(bytes).Jobs
            : [];
}
