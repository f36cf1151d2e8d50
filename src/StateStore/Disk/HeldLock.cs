namespace CodexCompanion.StateStore.Disk;

/// <summary>A lock that is held. The system frees it when the process dies, however it dies.</summary>
public sealed class HeldLock : IDisposable
{
    private readonly Stream _file;
    private int _released;

    internal HeldLock(string path, Stream file)
    {
        Path = path;
        _file = file;
    }

    /// <summary>The lock file.</summary>
    public string Path { get; }

    /// <summary>Takes the holder's name away, then releases. The lock file stays: deleting it would give two holders.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _released, 1) != 0)
            return;
        LockHolderFile.Remove(Path);
        _file.Dispose();
    }
}
