using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.TestProcesses;

/// <summary>The real disk with points before and after everything that changes it, and in the middle of every write.</summary>
public sealed class FaultyDisk(INativeDisk inner, FaultPlan faults) : INativeDisk
{
    public uint? User => inner.User;

    public FileFacts? Look(string path) => inner.Look(path);

    public void CreatePrivateDirectory(string path) => Around("mkdir", () => inner.CreatePrivateDirectory(path));

    public void MakePrivate(string directory) => Around("chmod", () => inner.MakePrivate(directory));

    public Stream CreatePrivateFile(string path)
    {
        faults.Pass("before create");
        var stream = inner.CreatePrivateFile(path);
        try
        {
            faults.Pass("after create");
        }
        catch
        {
            stream.Dispose();
            throw;
        }

        return new FaultyStream(stream, faults);
    }

    public void FlushToDisk(Stream stream) => Around("flush", () => inner.FlushToDisk(((FaultyStream)stream).Inner));

    public void SyncFolder(string folder) => Around("sync folder", () => inner.SyncFolder(folder));

    public Stream? OpenExclusively(string path, bool create)
    {
        faults.Pass("lock");
        return inner.OpenExclusively(path, create);
    }

    public Stream? AwaitExclusively(string path, TimeSpan limit)
    {
        faults.Pass("lock");
        return inner.AwaitExclusively(path, limit);
    }

    public Stream? OpenShared(string path) => inner.OpenShared(path);

    public bool KeepsOthersOut(string path, Stream own, bool shared = false) => inner.KeepsOthersOut(path, own, shared);

    public void Append(string path, ReadOnlySpan<byte> bytes)
    {
        faults.Pass("append");
        inner.Append(path, bytes);
    }

    private void Around(string name, Action action)
    {
        faults.Pass("before " + name);
        action();
        faults.Pass("after " + name);
    }
}
