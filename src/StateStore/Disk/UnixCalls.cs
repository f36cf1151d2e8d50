using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace CodexCompanion.StateStore.Disk;

/// <summary>The few calls of libc that .NET has no method for.</summary>
[UnsupportedOSPlatform("windows")]
internal static partial class UnixCalls
{
    // Values of Linux (x64, arm64) and of macOS.
    private const int WriteOnly = 1;
    private static readonly int CloseOnExec = OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000;
    private static readonly int AtEnd = OperatingSystem.IsMacOS() ? 0x8 : 0x400;
    private static readonly int DoNotBlock = OperatingSystem.IsMacOS() ? 0x4 : 0x800;
    private static readonly int NotSupported = OperatingSystem.IsMacOS() ? 45 : 95;
    /// <summary>EROFS.</summary>
    public const int ReadOnlyFileSystem = 30;

    /// <summary>EACCES.</summary>
    public const int AccessDenied = 13;

    private const int ReadWrite = 2;
    private const int Exclusive = 2; // LOCK_EX
    private const int SharedAtOnce = 1 | 4; // LOCK_SH | LOCK_NB
    private const int ExclusiveAtOnce = 2 | 4; // LOCK_EX | LOCK_NB
    private const int WritableAndSearchable = 3;

    // One system call deep.
    private const int WaitingStack = 128 * 1024;
    private const int Interrupted = 4;
    private const int InvalidArgument = 22;

    /// <summary>What flock answers when somebody else has the lock; .NET hands it on as HResult.</summary>
    public static int WouldBlock { get; } = OperatingSystem.IsMacOS() ? 35 : 11;

    public static uint EffectiveUser() => GetEffectiveUser();

    /// <summary>Asks the system, which writes nothing: 0, or the number of the error.</summary>
    public static int WhyNotWritable(string folder) => Access(folder, WritableAndSearchable) == 0 ? 0 : Marshal.GetLastPInvokeError();

    public static void SyncFolder(string folder)
    {
        using var handle = OpenOrThrow(folder, flags: 0);
        while (Sync(handle.Value) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error == Interrupted)
                continue;
            if (error == InvalidArgument || error == NotSupported)
                return; // This file system keeps no folder entries to flush.
            throw Failure(folder, error);
        }
    }

    /// <summary>Whether a file is locked with flock, which is what <see cref="FileShare.None"/> means on unix.</summary>
    public static bool IsLocked(string path)
    {
        using var handle = OpenOrThrow(path, DoNotBlock);
        using var borrowed = new SafeFileHandle(handle.Value, ownsHandle: false);
        return !TryLock(borrowed, path, shared: false);
    }

    /// <summary>Locks an open file with flock, at once or not at all; one that is locked by this very opening stays so.</summary>
    public static bool TryLock(SafeFileHandle file, string path, bool shared)
    {
        while (Lock(file, shared ? SharedAtOnce : ExclusiveAtOnce) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error == WouldBlock)
                return false;
            if (error != Interrupted)
                throw Failure(path, error);
        }

        return true;
    }

    /// <summary>
    /// Locks a file that exists with flock, and waits for it in the system's own queue. A call that waits there cannot be ended: it is left to a
    /// thread, which gives back what it gets after the limit.
    /// </summary>
    /// <returns>The open file; null when the limit was over.</returns>
    public static SafeFileHandle? AwaitLock(string path, TimeSpan limit)
    {
        var file = new SafeFileHandle(OpenOrThrow(path, ReadWrite).Value, ownsHandle: true);
        var got = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() => got.TrySetResult(WaitForLock(file)), WaitingStack) { IsBackground = true, Name = "waits for a lock" };
        thread.Start();
        if (got.Task.Wait(limit) && got.Task.Result)
            return file;
        _ = got.Task.ContinueWith(_ => file.Dispose(), TaskScheduler.Default);
        return null;
    }

    private static bool WaitForLock(SafeFileHandle file)
    {
        while (Lock(file, Exclusive) != 0)
        {
            if (Marshal.GetLastPInvokeError() != Interrupted)
                return false; // Locks do not work here; whoever looks again is told.
        }

        return true;
    }

    public static unsafe void Append(string path, ReadOnlySpan<byte> bytes)
    {
        // Not blocking matters only for a pipe that nobody reads: it is an error then, not a hang.
        using var handle = OpenOrThrow(path, WriteOnly | AtEnd | DoNotBlock);
        fixed (byte* start = bytes)
        {
            if (Write(handle.Value, start, bytes.Length) != bytes.Length)
                throw Failure(path, Marshal.GetLastPInvokeError());
        }
    }

    public static IOException Failure(string path, int error) => new($"{Marshal.GetPInvokeErrorMessage(error)}: {path}", error);

    private static Descriptor OpenOrThrow(string path, int flags)
    {
        while (true)
        {
            var descriptor = Open(path, flags | CloseOnExec);
            if (descriptor >= 0)
                return new Descriptor(descriptor);
            var error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
                throw Failure(path, error);
        }
    }

    // Without the third argument, so never with O_CREAT: it is variadic, and passed differently on Apple silicon.
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Lock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static unsafe partial nint Write(int descriptor, byte* bytes, nint count);

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();

    private readonly struct Descriptor(int value) : IDisposable
    {
        public int Value { get; } = value;

        public void Dispose() => Close(Value);
    }
}
