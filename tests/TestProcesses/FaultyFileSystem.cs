using System.IO.Abstractions;

namespace CodexCompanion.TestProcesses;

/// <summary>The real file system with points around renames and deletions.</summary>
public sealed class FaultyFileSystem : IFileSystem
{
    private readonly FileSystem _inner = new();

    public FaultyFileSystem(FaultPlan faults)
    {
        File = new FaultyFile(_inner, faults);
        Directory = new FaultyDirectory(_inner, faults);
    }

    public IFile File { get; }

    public IDirectory Directory { get; }

    public IFileInfoFactory FileInfo => _inner.FileInfo;

    public IFileStreamFactory FileStream => _inner.FileStream;

    public IPath Path => _inner.Path;

    public IDirectoryInfoFactory DirectoryInfo => _inner.DirectoryInfo;

    public IDriveInfoFactory DriveInfo => _inner.DriveInfo;

    public IFileSystemWatcherFactory FileSystemWatcher => _inner.FileSystemWatcher;

    private sealed class FaultyFile(IFileSystem files, FaultPlan faults) : FileWrapper(files)
    {
        public override void Move(string sourceFileName, string destFileName)
        {
            faults.Pass("before move");
            base.Move(sourceFileName, destFileName);
            faults.Pass("after move");
        }

        public override void Move(string sourceFileName, string destFileName, bool overwrite)
        {
            faults.Pass("before rename");
            base.Move(sourceFileName, destFileName, overwrite);
            faults.Pass("after rename");
        }

        public override void Delete(string path)
        {
            faults.Pass("before delete");
            base.Delete(path);
            faults.Pass("after delete");
        }
    }

    private sealed class FaultyDirectory(IFileSystem files, FaultPlan faults) : DirectoryWrapper(files)
    {
        public override void Move(string sourceDirName, string destDirName)
        {
            faults.Pass("before move");
            base.Move(sourceDirName, destDirName);
            faults.Pass("after move");
        }
    }
}
