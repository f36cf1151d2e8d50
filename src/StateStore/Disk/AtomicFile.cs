using System.IO.Abstractions;

namespace CodexCompanion.StateStore.Disk;

/// <summary>A file, and what it is to hold.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Bytes">Its whole content.</param>
internal readonly record struct FileContent(string Path, ReadOnlyMemory<byte> Bytes);

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
    public void Write(string path, ReadOnlyMemory<byte> content) => Write([new FileContent(path, content)]);

    /// <summary>
    /// Writes files, in this order; all are durable when it returns. None is replaced before all are on the disk, and the disk is waited for twice
    /// in all, not twice a file: that wait is most of what a write costs.
    /// </summary>
    public void Write(IReadOnlyList<FileContent> contents)
    {
        var temps = contents.Select(content => TempOf(content.Path)).ToArray();
        try
        {
            WriteThrough(temps, contents);
            for (var i = 0; i < temps.Length; i++)
                Rename(temps[i], contents[i].Path);
        }
        catch
        {
            Array.ForEach(temps, Discard);
            throw;
        }

        foreach (var folder in contents.Select(content => Path.GetDirectoryName(content.Path)!).Distinct(StringComparer.Ordinal))
            disk.SyncFolder(folder);
    }

    private static string TempOf(string path)
    {
        var chance = Guid.NewGuid().ToString("N")[..12];
        return Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.{Environment.ProcessId}-{chance}{TempSuffix}");
    }

    // All are written before the first is flushed: the disk takes the others along.
    private void WriteThrough(string[] temps, IReadOnlyList<FileContent> contents)
    {
        var streams = new List<Stream>(temps.Length);
        try
        {
            for (var i = 0; i < temps.Length; i++)
            {
                streams.Add(disk.CreatePrivateFile(temps[i]));
                streams[i].Write(contents[i].Bytes.Span);
            }

            streams.ForEach(disk.FlushToDisk);
        }
        finally
        {
            streams.ForEach(stream => stream.Dispose());
        }
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
