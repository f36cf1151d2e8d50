using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Jobs;

/// <summary>A job's log as a stream that ends when the job has: what is there already, then what comes.</summary>
internal sealed class JobEvents(JobScope scope, FoundJob found)
{
    /// <summary>Version of the lines; raised when a member changes its meaning.</summary>
    public const int Version = 1;

    // Quick enough to read along.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    /// <summary>Reads it.</summary>
    /// <param name="since">Where to begin: the cursor of the last entry known.</param>
    /// <param name="follow">Whether to go on until the job has ended.</param>
    /// <returns>The entries; at last, of an ended job, its record.</returns>
    public async IAsyncEnumerable<(LogEntry? Entry, JobRecord? Ended)> ReadAsync(long since, bool follow)
    {
        var reader = new JobLogReader(found.Store.Paths.JobLog(found.Job.Id), since);
        while (true)
        {
            // Before the log: what stands in it after the end was seen is all there will be.
            var job = await scope.Reconciler.OneAsync(found.Store, found.Store.ReadJob(found.Job.Id).Value ?? found.Job);
            foreach (var entry in reader.ReadNew())
                yield return (entry, null);
            if (job.IsFinished)
            {
                yield return (null, job);
                yield break;
            }

            if (!follow)
                yield break;
            await Task.Delay(LookAgain, scope.Host.Time);
        }
    }

    /// <summary>An entry as a line for programs.</summary>
    public static EventJson Shape(string jobId, LogEntry entry) =>
        new(Version, entry.Cursor, jobId, entry.Body is null ? "line" : "block", entry.Time, entry.Text, entry.Body, Status: null, ExitCode: null);

    /// <summary>The end as a line for programs.</summary>
    /// <param name="job">The job.</param>
    /// <param name="cursor">The cursor of the entry before.</param>
    public static EventJson Shape(JobRecord job, long cursor) => new(
        Version, cursor, job.Id, "end", JobView.Time(job.CompletedAt), job.ErrorMessage ?? "done", Body: null, JobView.Word(job.Status), job.ExitCode);
}
