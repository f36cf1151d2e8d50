using System.IO.Abstractions;
using System.Text;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using CodexCompanion.TestProcesses;

namespace CodexCompanion.StateStore.Tests.Support;

/// <summary>A workspace and its state in a temp folder.</summary>
public sealed class StoreFixture : IDisposable
{
    private readonly TempFolder _temp = new();

    private readonly int _keptFinished;

    public StoreFixture(int keptFinished = 100)
    {
        _keptFinished = keptFinished;
        WorkspaceFolder = RepositoryRoot.Make(_temp["workspace"]);
        Root = _temp["state"];
        Store = Another();
    }

    public string WorkspaceFolder { get; }

    public string Root { get; }

    public FakeClock Clock { get; } = new();

    public FileStateStore Store { get; }

    public StatePaths Paths => Store.Paths;

    public FileStateStore Another(INativeDisk? disk = null, IFileSystem? files = null)
    {
        var workspace = Workspace.Resolve(WorkspaceFolder);
        return new FileStateStore(files ?? new FileSystem(), workspace, StatePaths.For(Root, workspace), new ProcessTable(), Clock, disk, _keptFinished);
    }

    /// <summary>Records a job, older ones first.</summary>
    public JobRecord Create(string id, JobStatus status = JobStatus.Queued)
    {
        Clock.Advance(TimeSpan.FromSeconds(1));
        var job = new JobRecord { Id = id, Status = status };
        Store.CreateJob(job);
        return Store.ReadJob(id).Value!;
    }

    public void WriteIndex(string content) => Write(Paths.IndexFile, content);

    public void Write(string path, string content)
    {
        Store.EnsureCreated();
        File.WriteAllText(path, content, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
    }

    /// <summary>Names of what lies in the quarantine.</summary>
    public string[] Quarantined() => [.. Directory.EnumerateFileSystemEntries(Paths.QuarantineDirectory).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];

    public string[] Listed() => [.. Store.ListJobs().Select(job => job.Id)];

    public void Dispose() => _temp.Dispose();
}
