using System.Runtime.InteropServices;

namespace CodexCompanion.Tool.Rendering;

/// <summary>
/// A standard stream by its Unix descriptor. The runtime's own console streams fail on a descriptor that another program made
/// non-blocking (pipes of Node are), and hide that the reader of a pipe has gone; this one waits, and tells.
/// </summary>
internal sealed partial class DescriptorStream(int descriptor, bool forReading) : Stream
{
    private const int Interrupted = 4;
    private const short Readable = 1;
    private const short Writable = 4;

    // F_GETFD and FD_CLOEXEC, the same on Linux, macOS and the BSDs.
    private const int GetFlags = 1;
    private const int ClosedByExec = 1;

    // EPIPE, the same everywhere.
    private const int BrokenPipe = 32;

    /// <inheritdoc/>
    public override bool CanRead => forReading;

    /// <inheritdoc/>
    public override bool CanWrite => !forReading;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    // EAGAIN: 11 on Linux, 35 on macOS and the BSDs.
    private static int TryAgain => OperatingSystem.IsLinux() ? 11 : 35;

    /// <summary>The stream behind a standard descriptor; one that is empty or refuses all where this process was started without it.</summary>
    /// <remarks>
    /// The number of a descriptor that was closed goes to the first file this process opens: its own state would be read as a prompt, or be written over
    /// by a line of progress. What was inherited is told from it by a flag that every file of ours has and no descriptor keeps through a start.
    /// </remarks>
    public static Stream Inherited(int descriptor) =>
        Flags(descriptor, GetFlags) is var flags and >= 0 && (flags & ClosedByExec) == 0 ? new DescriptorStream(descriptor, forReading: descriptor == 0)
            : descriptor == 0 ? Null
            : new DescriptorStream(descriptor: -1, forReading: false);

    /// <summary>Whether nothing worse happened than that the reader has enough.</summary>
    public static bool IsReaderGone(IOException failure) => failure.HResult == BrokenPipe;

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override unsafe int Read(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var read = ReadBytes(descriptor, start, (nuint)buffer.Length);
                if (read >= 0)
                    return (int)read;
                WaitOrThrow(Readable);
            }
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override unsafe void Write(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            var written = 0;
            while (written < buffer.Length)
            {
                var count = WriteBytes(descriptor, start + written, (nuint)(buffer.Length - written));
                if (count >= 0)
                    written += (int)count;
                else
                    WaitOrThrow(Writable);
            }
        }
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        // Nothing is held back.
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    private void WaitOrThrow(short events)
    {
        var error = Marshal.GetLastPInvokeError();
        if (error == Interrupted)
            return;
        if (error != TryAgain)
            throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
        var poll = new PollEntry { Descriptor = descriptor, Events = events };
        // Its answer does not matter: whatever it is, the next call tells.
        _ = Poll(ref poll, 1, Timeout.Infinite);
    }

    // Variadic, but without a third argument that makes no difference anywhere.
    [LibraryImport("libc", EntryPoint = "fcntl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Flags(int descriptor, int command);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial nint ReadBytes(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial nint WriteBytes(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Poll(ref PollEntry entry, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }
}
