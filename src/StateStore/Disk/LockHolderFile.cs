using System.Text.Json;

namespace CodexCompanion.StateStore.Disk;

/// <summary>
/// The side file that names a lock's holder: while the lock is held no .NET process can open the lock file itself. Losing the name is
/// not losing the lock, so nothing here throws, and nothing is flushed to the disk.
/// </summary>
internal static class LockHolderFile
{
    // A holder is some 300 bytes; anything larger was not written by us.
    private const int Largest = 64 * 1024;

    public static string PathOf(string lockPath) => lockPath + ".holder.json";

    public static void Write(INativeDisk disk, string lockPath, LockHolder holder)
    {
        var path = PathOf(lockPath);
        try
        {
            File.Delete(path); // A killed holder leaves its name.
            using var stream = disk.CreatePrivateFile(path);
            stream.Write(LockHolderFormat.Instance.ToBytes(holder).Span);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Remove(lockPath); // Half a name is worse than none.
        }
    }

    public static void Remove(string lockPath)
    {
        try
        {
            File.Delete(PathOf(lockPath));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A name that stays behind says nothing while the lock is free.
        }
    }

    public static LockHolder? Read(INativeDisk disk, string lockPath)
    {
        var path = PathOf(lockPath);
        try
        {
            if (disk.Look(path) is not { Kind: FileKind.Regular, Size: < Largest })
                return null;
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var document = JsonDocument.Parse(stream);
            return LockHolderFormat.Instance.Read(document.RootElement);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null; // Being written or removed just now, or damaged: the holder is simply not known.
        }
    }
}
