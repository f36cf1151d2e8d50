using System.IO.Abstractions;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.StateStore.Jobs;

/// <summary>The job records, a file each: the truth about every job.</summary>
internal sealed class JobFiles(IFileSystem files, INativeDisk disk, StatePaths paths)
{
    // A result holds what Codex said and the files it touched; 256 MiB is far above any seen, and still fits in memory.
    private const int Largest = 256 * 1024 * 1024;

    // Bytes, with a prompt and a result of a few lines.
    private const int UsualRecord = 4096;

    private readonly StateFile _reader = new(files, disk);

    /// <summary>Reads a job. A text that can be no id names no job.</summary>
    public StateRead<JobRecord> Read(string id)
    {
        if (!JobIds.IsValid(id))
            return StateRead<JobRecord>.Missing();
        var read = _reader.Read(paths.JobFile(id), Largest, JobRecord.CurrentVersion, JobRecordFormat.Instance);
        return read.Value is null || read.Value.Id == id
            ? read
            : StateRead<JobRecord>.Bad(StateReadKind.Corrupt, $"{id}.json names another job.");
    }

    /// <summary>Whether anything lies where the job's file belongs.</summary>
    public bool Exists(string id) => disk.Look(paths.JobFile(id)) is not null;

    /// <summary>Deletes a finished job's text, log and record, in this order: a record alone still tells what became of the job.</summary>
    /// <returns>Whether nothing of it is left; false for a job that is not finished, or whose record cannot be read.</returns>
    public bool Delete(string id)
    {
        if (!JobIds.IsValid(id) || Read(id) is not ({ Kind: StateReadKind.Missing } or { Value.IsFinished: true }))
            return false;
        if (disk.Look(paths.ResultText(id)) is not null)
            files.File.Delete(paths.ResultText(id));
        files.File.Delete(paths.JobLog(id));
        files.File.Delete(paths.JobFile(id));
        return true;
    }

    /// <summary>Every job that can be read. Those that cannot are left where they are.</summary>
    /// <exception cref="UnauthorizedAccessException">The folder is there, or may be, and is closed to us: that is not "no jobs".</exception>
    public IEnumerable<JobRecord> All()
    {
        if (disk.Look(paths.JobsDirectory) is null || !files.Directory.Exists(paths.JobsDirectory))
            yield break;
        foreach (var path in files.Directory.EnumerateFiles(paths.JobsDirectory, "*.json"))
        {
            if (Read(Path.GetFileNameWithoutExtension(path)).Value is { } job)
                yield return job;
        }
    }

    /// <summary>Whether there are any, readable or not.</summary>
    public bool HasFiles => files.Directory.Exists(paths.JobsDirectory) && files.Directory.EnumerateFiles(paths.JobsDirectory, "*.json").Any();

    /// <summary>The file of a job as it is to be.</summary>
    public FileContent ContentOf(JobRecord job)
    {
        var content = JobRecordFormat.Instance.ToBytes(job with { Version = JobRecord.CurrentVersion }, indented: true, expected: UsualRecord);
        return content.Length <= Largest
            ? new FileContent(paths.JobFile(job.Id), content)
            : throw new StateStoreException(StateFailure.InvalidJob, $"The record of {job.Id} would have {content.Length} bytes, more than can be kept.");
    }
}
