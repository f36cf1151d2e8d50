namespace CodexCompanion.StateStore.Disk;

/// <summary>Takes the mode word of stat(2) apart.</summary>
internal static class UnixMode
{
    private const int KindMask = 0xF000;
    private const int Regular = 0x8000;
    private const int Folder = 0x4000;
    private const int Link = 0xA000;
    private const int Socket = 0xC000;
    private const int PermissionMask = 0xFFF;

    public static FileKind KindOf(ushort mode) => (mode & KindMask) switch
    {
        Regular => FileKind.Regular,
        Folder => FileKind.Directory,
        Link => FileKind.Link,
        Socket => FileKind.Socket,
        _ => FileKind.Special,
    };

    public static UnixFileMode PermissionsOf(ushort mode) => (UnixFileMode)(mode & PermissionMask);
}
