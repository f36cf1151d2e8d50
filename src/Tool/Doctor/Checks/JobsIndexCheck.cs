using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Doctor.Journal;

namespace CodexCompanion.Tool.Doctor.Checks;

/// <summary>Whether the index can be read and says what the job files say. They are the truth; it is made anew from them.</summary>
internal sealed class JobsIndexCheck : IDoctorCheck
{
    private const string Damaged = "damaged";
    private const string Differs = "differs";

    // A command writes the file first and then the index, both under the lock: they differ for milliseconds only.
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(300);

    /// <inheritdoc/>
    public string Id => "jobs-index";

    /// <inheritdoc/>
    public CheckCategory Category => CheckCategory.Jobs;

    /// <inheritdoc/>
    public CheckScope Scope => CheckScope.Workspace;

    /// <inheritdoc/>
    public string About => "jobs.json: readable, and in agreement with the job files";

    /// <inheritdoc/>
    public async Task<Inspection> InspectAsync(DoctorPlace place, CancellationToken cancellation)
    {
        if (Judge(place, place.Workspace.Jobs) is { Code: Differs })
        {
            // Perhaps somebody is between the two just now.
            await Task.Delay(BetweenLooks, place.Site.Host.Time, cancellation);
            place.Workspace.Forget();
        }

        var jobs = place.Workspace.Jobs;
        if (jobs.Index.Kind == StateReadKind.Unreadable && Judge(place, jobs) is null)
            return UnreadFile.Skipped;
        return Judge(place, jobs) is { } finding
            ? Inspection.Of("", [finding], _ => "")
            : Inspection.Ok(jobs.Index.Value is { } entries ? Words.Count(entries.Count, "job") : "none yet");
    }

    /// <inheritdoc/>
    public Task<Repair> RepairAsync(DoctorPlace place, Finding finding, RepairJournal journal) => Task.FromResult(
        place.Store.Repair("make the index of jobs anew", Repair (repairs) =>
        {
            place.Workspace.Forget();
            if (Judge(place, place.Workspace.Jobs)?.Code != finding.Code)
                return new Repair.NotNeeded();
            var name = repairs.QuarantineName(place.Paths.IndexFile);
            var step = new JournalStep(Id, StepKind.Replaced, place.Paths.IndexFile) { Kept = name, Workspace = place.Paths.Directory };
            journal.Do(step, () => repairs.RebuildIndex(name));
            var kept = place.Site.Look(name) is null ? "" : $"; the old one is kept as {Aside.Short(place, name)}";
            return new Repair.Done($"made anew with {Words.Count(place.Store.ReadIndex().Value?.Count ?? 0, "job")}{kept}");
        }));

    private static Finding? Judge(DoctorPlace place, JobsLook jobs)
    {
        var paths = place.Paths;
        var read = jobs.Index;
        switch (read.Kind)
        {
            case StateReadKind.Missing:
                var readable = jobs.Files.Count(file => file.Value.Kind == StateReadKind.Ok);
                return readable == 0 ? null : new Finding(Damaged, paths.IndexFile, $"jobs.json is missing, {Words.Count(readable, "job file")} {(readable == 1 ? "is" : "are")} there", Remedy.Safe("make it anew from the job files"));
            case StateReadKind.Corrupt:
                return new Finding(Damaged, paths.IndexFile, read.Detail!.TrimEnd('.'), Remedy.Safe("keep a copy and make it anew from the job files"));
            case StateReadKind.TooNew:
                return UnreadFile.TooNew(paths.IndexFile, read.Detail!);
            case StateReadKind.Unreadable:
                return UnreadFile.Closed(place, paths.IndexFile, paths.IndexFile, read.Detail!);
        }

        var differences = Differences(read.Value!, jobs.Files).ToList();
        return differences.Count == 0 ? null : new Finding(
            Differs, paths.IndexFile, differences.Count == 1 ? $"jobs.json {differences[0]}" : $"jobs.json disagrees with {differences.Count} job files", Remedy.Safe("make it anew from the job files"))
        {
            Evidence = differences,
        };
    }

    private static IEnumerable<string> Differences(IReadOnlyList<JobRecord> entries, IReadOnlyDictionary<string, StateRead<JobRecord>> files)
    {
        var known = new Dictionary<string, JobRecord>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            if (!JobIds.IsValid(entry.Id))
                yield return $"names \"{entry.Id}\", which is no job";
            else if (!known.TryAdd(entry.Id, entry))
                yield return $"names {entry.Id} twice";
        }

        foreach (var (id, read) in files)
        {
            if (read.Value is not { } job)
                continue;
            if (!known.TryGetValue(id, out var entry))
                yield return $"lacks {id}";
            else if (entry.Status != job.Status)
                yield return $"calls {id} {Word(entry.Status)}, which is {Word(job.Status)}";
        }
    }

    private static string Word(JobStatus status) => status.ToString().ToLowerInvariant();
}
