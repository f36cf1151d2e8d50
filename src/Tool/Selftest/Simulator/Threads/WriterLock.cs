namespace CodexCompanion.Tool.Selftest.Simulator.Threads;

/// <summary>A thread's single writer: held by the server that has it loaded, ended by the system when that process dies.</summary>
internal sealed class WriterLock : IDisposable
{
    private readonly FileStream _file;

    private WriterLock(FileStream file) => _file = file;

    /// <summary>Takes the lock, or answers null when another live server has it.</summary>
    public static WriterLock? TryTake(SimulationHome home, string threadId)
    {
        try
        {
            return new WriterLock(new FileStream(
                home.WriterLockFile(threadId), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
        }
        catch (IOException)
        {
            // Taken. A folder that cannot be written to shows in the rollout, with its reason.
            return null;
        }
    }

    /// <summary>Lets go. The file stays: deleting it would let two servers lock two files of one name.</summary>
    public void Dispose() => _file.Dispose();
}
