using System.IO.Abstractions;
using System.Text;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.StateStore.Jobs;

/// <summary>
/// <c>jobs-archive.json</c>: the entries of finished jobs that the index has outgrown, in the index's own format. It is written once in a
/// hundred jobs, and read by those few who want all of them.
/// </summary>
internal sealed class JobArchive(IFileSystem files, INativeDisk disk, StatePaths paths)
{
    // As many bytes as a state file may have at most: some two hundred thousand jobs.
    private const int Largest = 256 * 1024 * 1024;

    private readonly StateFile _reader = new(files, disk);

    /// <summary>Reads it as it is.</summary>
    public StateRead<JobIndex> Read() => _reader.Read(paths.ArchiveFile, Largest, JobIndex.CurrentVersion, JobIndexFormat.Instance);

    /// <summary>What it is made of, however damaged; empty when there is nothing to read.</summary>
    public byte[] ReadBytes() => _reader.ReadBytes(paths.ArchiveFile, Largest).Value ?? [];

    /// <summary>Whether any of some ids stands anywhere in it. To search its bytes costs a fiftieth of understanding them.</summary>
    /// <param name="ids">Ids of jobs or sessions.</param>
    public bool Mentions(IEnumerable<string> ids)
    {
        var bytes = ReadBytes();
        return bytes.Length > 0 && ids.Any(id => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(id)) >= 0);
    }

    /// <summary>The file as it is to be.</summary>
    public FileContent ContentOf(JobIndex archive) =>
        new(paths.ArchiveFile, JobIndexFormat.Instance.ToBytes(archive with { Version = JobIndex.CurrentVersion, Config = null, Archived = 0 }));
}
