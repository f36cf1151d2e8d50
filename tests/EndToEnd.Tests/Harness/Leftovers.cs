using System.Runtime.InteropServices;

namespace CodexCompanion.EndToEnd.Tests.Harness;

/// <summary>Tells what must not lie about after a test (Linux).</summary>
internal static partial class Leftovers
{
    // .NET's own diagnostic sockets in temp: a process that a test kills with SIGKILL cannot remove them.
    private static readonly string[] RuntimesOwn = ["dotnet-diagnostic-", "clr-debug-pipe-"];

    // AT_FDCWD, AT_SYMLINK_NOFOLLOW and STATX_TYPE; the file type is in the upper bits of the 16 bits at offset 28 of the answer.
    private const int CurrentDirectory = -100;
    private const int NoFollow = 0x100;
    private const uint TypeOnly = 1;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xF000;
    private const int SocketType = 0xC000;

    /// <summary>The sockets below a folder the product is responsible for.</summary>
    public static IReadOnlyList<string> SocketsBelow(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Where(IsSocket).Where(path => !IsRuntimes(path))];

    private static bool IsRuntimes(string path) => Array.Exists(RuntimesOwn, prefix => Path.GetFileName(path).StartsWith(prefix, StringComparison.Ordinal));

    private static bool IsSocket(string path)
    {
        // .NET's file attributes do not tell a socket from a file, and opening it would hang on a pipe.
        Span<byte> answer = stackalloc byte[256];
        return Statx(CurrentDirectory, path, NoFollow, TypeOnly, answer) == 0 && (BitConverter.ToUInt16(answer[ModeOffset..]) & TypeMask) == SocketType;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, Span<byte> answer);
}
