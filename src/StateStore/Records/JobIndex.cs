using System.Text.Json;

namespace CodexCompanion.StateStore.Records;

/// <summary><c>jobs.json</c>: the index over the job files, without their bulky members. It can be rebuilt from them.</summary>
internal sealed record JobIndex
{
    /// <summary>Newest layout of this file that this version reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Layout of this record; 0 when the file has none.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Mirror of config.json for readers of the old format.</summary>
    public WorkspaceConfig? Config { get; init; }

    /// <summary>The jobs, newest first.</summary>
    public IReadOnlyList<JobRecord> Jobs { get; init; } = [];

    /// <summary>How many entries lie in the archive; 0 when there is none. With more than none of them, an archive that is missing is lost.</summary>
    public int Archived { get; init; }

    /// <summary>Members this version does not know; they survive a rewrite.</summary>
    public Dictionary<string, JsonElement>? Extra { get; init; }

    /// <summary>What the index keeps of a job: all but what may be large and only one reader wants.</summary>
    public static JobRecord EntryOf(JobRecord job) => job with { Request = null, Result = null, Rendered = null };

    /// <summary>The jobs, newest first; those of the same moment by id, so that the order is the same for everybody.</summary>
    public static IReadOnlyList<JobRecord> Sorted(IEnumerable<JobRecord> jobs) =>
    [
        .. jobs.OrderByDescending(job => job.CreatedAt ?? job.StartedAt ?? job.UpdatedAt ?? DateTimeOffset.MinValue)
            .ThenByDescending(job => job.Id, StringComparer.Ordinal),
    ];

    /// <summary>Entries of two lists, newest first; where both have a job, that of the first counts.</summary>
    public static IReadOnlyList<JobRecord> Merged(IEnumerable<JobRecord> first, IEnumerable<JobRecord> second) =>
        Sorted(first.Concat(second).DistinctBy(job => job.Id, StringComparer.Ordinal));

    /// <summary>This index with one job's entry put in or replaced.</summary>
    public JobIndex With(JobRecord job) =>
        this with { Jobs = Sorted(Jobs.Where(entry => entry.Id != job.Id).Append(EntryOf(job))) };

    /// <summary>This index without some jobs' entries.</summary>
    public JobIndex Without(IReadOnlySet<string> ids) =>
        ids.Count == 0 ? this : this with { Jobs = [.. Jobs.Where(entry => !ids.Contains(entry.Id))] };
}
