using System.Globalization;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Jobs;

/// <summary>A job with what is worked out from its log and the clock.</summary>
/// <param name="Job">The job.</param>
/// <param name="Progress">The last lines of its log; empty for a job that ended well.</param>
/// <param name="Elapsed">Time since its start; null for a finished job.</param>
/// <param name="Duration">Time it took; null for an unfinished job, and where the record does not tell.</param>
internal sealed record JobView(JobRecord Job, IReadOnlyList<string> Progress, string? Elapsed, string? Duration)
{
    // As many as the Node runtime shows.
    private const int PreviewLines = 4;

    /// <summary>The word for its kind; records of the old runtime may lack it.</summary>
    public string KindLabel => Job.KindLabel ?? Job.Kind ?? (Job.Id.StartsWith("review-", StringComparison.Ordinal) ? "review" : "rescue");

    /// <summary>Makes it. Reads the end of the log, and that only where it is shown.</summary>
    public static JobView Of(IStateStore store, JobRecord job, DateTimeOffset now)
    {
        var begin = job.StartedAt ?? job.CreatedAt;
        var preview = job.Status is JobStatus.Completed or JobStatus.Cancelled ? [] : JobLogTail.LastLines(store, job, PreviewLines);
        return new JobView(
            job,
            preview,
            job.IsFinished || begin is null ? null : Span(now - begin.Value),
            job.IsFinished && begin is { } start && job.CompletedAt is { } end ? Span(end - start) : null);
    }

    /// <summary>A status as records and outputs write it.</summary>
    public static string Word(JobStatus status) => status switch
    {
        JobStatus.Queued => "queued",
        JobStatus.Running => "running",
        JobStatus.Completed => "completed",
        JobStatus.Cancelled => "cancelled",
        _ => "failed",
    };

    /// <summary>A time as records and outputs write it.</summary>
    public static string? Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    // A clock that was set back must not show a job that takes minus five seconds.
    private static string Span(TimeSpan span) => SpinnerView.Elapsed(span > TimeSpan.Zero ? span : TimeSpan.Zero);
}
