namespace CodexCompanion.StateStore.Disk;

/// <summary>What .NET tells everywhere: enough for Windows, the last resort elsewhere.</summary>
internal static class PortableStat
{
    public static FileFacts? Look(string path)
    {
        FileAttributes attributes;
        try
        {
            attributes = File.GetAttributes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        var kind = attributes.HasFlag(FileAttributes.ReparsePoint) ? FileKind.Link
            : attributes.HasFlag(FileAttributes.Directory) ? FileKind.Directory
            : attributes.HasFlag(FileAttributes.Device) ? FileKind.Special
            : FileKind.Regular;
        var size = kind == FileKind.Regular ? new FileInfo(path).Length : 0;
        UnixFileMode? mode = OperatingSystem.IsWindows() ? null : File.GetUnixFileMode(path);
        return new FileFacts(kind, size, mode, Owner: null, Device: 0, Inode: 0);
    }
}
