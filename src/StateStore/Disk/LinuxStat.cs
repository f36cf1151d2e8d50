using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace CodexCompanion.StateStore.Disk;

/// <summary>statx(2): the one call of its kind whose structure is the same on every processor. In glibc since 2.28, musl since 1.2.5.</summary>
[SupportedOSPlatform("linux")]
internal static partial class LinuxStat
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const int DoNotFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const int TheDescriptorItself = 0x1000; // AT_EMPTY_PATH
    private const uint BasicFields = 0x7ff; // STATX_BASIC_STATS
    private const int NoSuchFile = 2;
    private const int NotPermitted = 1;
    private const int AccessDenied = 13;

    public static FileFacts? Look(string path)
    {
        try
        {
            if (Statx(CurrentFolder, path, DoNotFollow, BasicFields, out var found) == 0)
                return Facts(found);
            return Marshal.GetLastPInvokeError() switch
            {
                NoSuchFile => null,
                NotPermitted or AccessDenied => throw new UnauthorizedAccessException($"Access to {path} is denied."),
                var error => throw UnixCalls.Failure(path, error),
            };
        }
        catch (EntryPointNotFoundException)
        {
            return PortableStat.Look(path); // An old libc: no owner and no special files are told, so nothing is refused for them.
        }
    }

    public static FileFacts Look(SafeFileHandle handle)
    {
        try
        {
            var result = Statx((int)handle.DangerousGetHandle(), "", TheDescriptorItself, BasicFields, out var found);
            return result == 0 ? Facts(found) : throw UnixCalls.Failure("(open file)", Marshal.GetLastPInvokeError());
        }
        catch (EntryPointNotFoundException)
        {
            return new FileFacts(FileKind.Regular, Size: 0, Mode: null, Owner: null, Device: 0, Inode: 0);
        }
    }

    private static FileFacts Facts(in Buffer found) => new(
        UnixMode.KindOf(found.Mode),
        (long)found.Size,
        UnixMode.PermissionsOf(found.Mode),
        found.Uid,
        ((ulong)found.DeviceMajor << 32) | found.DeviceMinor,
        found.Inode);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, out Buffer found);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Buffer
    {
        [FieldOffset(20)]
        public uint Uid;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
