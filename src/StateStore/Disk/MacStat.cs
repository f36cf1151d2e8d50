using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace CodexCompanion.StateStore.Disk;

/// <summary>lstat(2) of macOS with 64-bit inodes; Intel machines have them under a name of their own. Written from the headers, not run.</summary>
[SupportedOSPlatform("macos")]
internal static partial class MacStat
{
    private const int NoSuchFile = 2;
    private const int NotPermitted = 1;
    private const int AccessDenied = 13;

    private static readonly bool Intel = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    public static FileFacts? Look(string path)
    {
        if ((Intel ? LstatIntel(path, out var found) : Lstat(path, out found)) == 0)
            return Facts(found);
        return Marshal.GetLastPInvokeError() switch
        {
            NoSuchFile => null,
            NotPermitted or AccessDenied => throw new UnauthorizedAccessException($"Access to {path} is denied."),
            var error => throw UnixCalls.Failure(path, error),
        };
    }

    public static FileFacts Look(SafeFileHandle handle)
    {
        var descriptor = (int)handle.DangerousGetHandle();
        return (Intel ? FstatIntel(descriptor, out var found) : Fstat(descriptor, out found)) == 0
            ? Facts(found)
            : throw UnixCalls.Failure("(open file)", Marshal.GetLastPInvokeError());
    }

    private static FileFacts Facts(in Buffer found) => new(
        UnixMode.KindOf(found.Mode), found.Size, UnixMode.PermissionsOf(found.Mode), found.Uid, (uint)found.Device, found.Inode);

    [LibraryImport("libc", EntryPoint = "lstat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Lstat(string path, out Buffer found);

    [LibraryImport("libc", EntryPoint = "lstat$INODE64", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LstatIntel(string path, out Buffer found);

    [LibraryImport("libc", EntryPoint = "fstat", SetLastError = true)]
    private static partial int Fstat(int descriptor, out Buffer found);

    [LibraryImport("libc", EntryPoint = "fstat$INODE64", SetLastError = true)]
    private static partial int FstatIntel(int descriptor, out Buffer found);

    // 144 bytes in today's headers; more room does no harm.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Buffer
    {
        [FieldOffset(0)]
        public int Device;

        [FieldOffset(4)]
        public ushort Mode;

        [FieldOffset(8)]
        public ulong Inode;

        [FieldOffset(16)]
        public uint Uid;

        [FieldOffset(96)]
        public long Size;
    }
}
