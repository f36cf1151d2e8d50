using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace CodexCompanion.Pipeline.Processes;

/// <summary>The calls of libc, other than posix_spawn, that .NET has no method for.</summary>
[UnsupportedOSPlatform("windows")]
internal static unsafe partial class Libc
{
    public const int Terminate = 15;
    public const int Kill = 9;
    public const int NoSuchProcess = 3; // ESRCH
    public const int NotExecutable = 13; // EACCES
    public const int WrongFormat = 8; // ENOEXEC
    public const int NoSuchFile = 2; // ENOENT

    private const int NoHang = 1;
    private const int Executable = 1;

    // Linux gives the same numbers to these on every architecture .NET runs on; glibc has wrappers only since 2.36.
    private const nint PidfdSendSignalCall = 424;
    private const nint PidfdOpenCall = 434;

    private const int SetChildSubreaper = 36;

    // waitid: any child; ended; leave it to be collected; a siginfo_t has 128 bytes and begins with the signal's number.
    private const int AnyChild = 0;
    private const int Ended = 4;
    private const int LeaveIt = 0x01000000;
    private const int SignalInfoInts = 32;

    /// <summary>Collects the exit status of a child of ours, without waiting: its PID, 0 while it runs, -1 when it is none of ours.</summary>
    public static int TryWait(int pid, out int status)
    {
        var value = 0;
        var result = WaitPid(pid, &value, NoHang);
        status = value;
        return result;
    }

    /// <summary>Whether any child has ended and was not collected yet. Linux.</summary>
    public static bool AnyChildEnded()
    {
        var info = stackalloc int[SignalInfoInts];
        new Span<int>(info, SignalInfoInts).Clear();
        return WaitId(AnyChild, 0, info, Ended | NoHang | LeaveIt) == 0 && info[0] != 0;
    }

    public static bool IsExecutable(string path) => Access(path, Executable) == 0;

    public static bool BecomeSubreaper() => Prctl(SetChildSubreaper, 1, 0, 0, 0) == 0;

    /// <summary>A handle that means this very process for as long as it is open; -1 where the kernel has none to give.</summary>
    public static int PidfdOpen(int pid) => (int)Syscall(PidfdOpenCall, pid, 0, 0, 0);

    public static bool PidfdSend(int pidfd, int signal) => Syscall(PidfdSendSignalCall, pidfd, signal, 0, 0) == 0;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Signal(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "signal")]
    public static partial nint SetHandler(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial void Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "open")]
    public static partial int Open(byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "read")]
    public static partial nint Read(int descriptor, byte* bytes, nint count);

    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]
    public static partial int SocketPair(int domain, int type, int protocol, int* descriptors);

    // Without a third argument: it is variadic, and passed differently on Apple silicon.
    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(int descriptor, nuint request);

    [LibraryImport("libc", EntryPoint = "waitpid")]
    private static partial int WaitPid(int pid, int* status, int options);

    [LibraryImport("libc", EntryPoint = "waitid")]
    private static partial int WaitId(int kind, uint id, int* info, int options);

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);

    // Variadic as well, and called on Linux only, where that makes no difference.
    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Prctl(int option, nuint first, nuint second, nuint third, nuint fourth);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Syscall(nint number, nint first, nint second, nint third, nint fourth);
}
