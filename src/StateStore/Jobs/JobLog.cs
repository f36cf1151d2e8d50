using System.Text;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.StateStore.Jobs;

/// <summary>The log of a job. Every line of it that begins with <c>[</c> is one call; a block's further lines are indented.</summary>
internal sealed class JobLog(INativeDisk disk, StatePaths paths, TimeProvider time)
{
    private const string Continuation = "\n    ";

    /// <summary>Appends in one write, so that lines of several processes do not mix. Losing a line is never an error.</summary>
    public void Append(string jobId, string text)
    {
        try
        {
            if (!JobIds.IsValid(jobId))
                return;
            var path = paths.JobLog(jobId);
            if (disk.Look(path) is { Kind: not FileKind.Regular })
                return;
            var line = $"[{Timestamp.Write(time.GetUtcNow())}] {text.TrimEnd().ReplaceLineEndings(Continuation)}\n";
            disk.Append(path, Encoding.UTF8.GetBytes(line));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The disk is full or the folder gone: the job itself matters more than its log.
        }
    }
}
