using System.IO.Abstractions;

namespace CodexCompanion.StateStore.Disk;

/// <summary>
/// Replaces a file so that every reader, and whoever comes after a crash at any moment, finds the old content or the new one: a temp
/// file beside it, flushed to the disk, renamed over it, and the folder flushed.
/// </summary>
internal sealed class AtomicFile(IFileSystem files, INativeDisk disk)
{
    /// <summary>How the names of temp files end; they begin with a dot. One that is left over belonged to a process that was killed.</summary>
    public const string TempSuffix = ".tmp";

    // Windows refuses a rename while a virus scanner or a reader has the target open, for some tens of milliseconds.
    private const int WindowsAttempts = 20;
    private static readonly TimeSpan WindowsPause = TimeSpan.FromMilliseconds(25);

    /// <summary>Writes a file; durable when it returns.</summary>
    public void Write(string path, ReadOnlySpan<byte> content)
    {
        var folder = Path.GetDirectoryName(path)!;
        var chance = Guid.NewGuid().ToString("N")[..12];
        var temp = Path.Combine(folder, $".{Path.GetFileName(path)}.{Environment.ProcessId}-{chance}{TempSuffix}");
        try
        {
            using (var stream = disk.CreatePrivateFile(temp))
            {
                stream.Write(content);
                disk.FlushToDisk(stream);
            }

            Rename(temp, path);
        }
        catch
        {
            Discard(temp);
            throw;
        }

        disk.SyncFolder(folder);
    }

    private void Rename(string temp, string path)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                files.File.Move(temp, path, overwrite: true);
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException && OperatingSystem.IsWindows() && attempt < WindowsAttempts)
            {
                Pause.For(WindowsPause);
            }
        }
    }

    private void Discard(string temp)
    {
        try
        {
            files.File.Delete(temp);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The first failure is the one to report; a left-over temp file is harmless and recognised by its name.
        }
    }
}
