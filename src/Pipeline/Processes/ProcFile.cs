using System.Runtime.Versioning;
using System.Text;

namespace CodexCompanion.Pipeline.Processes;

/// <summary>
/// Reads files of /proc/PID. Most of a machine's processes belong to others or end while they are looked at; .NET would throw for each
/// of them, and an exception costs more than reading ten files.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class ProcFile
{
    // Nearly every environment fits; larger ones make it grow.
    private const int FirstBufferBytes = 16 * 1024;
    private const int LargestFileBytes = 8 * 1024 * 1024;
    private const int LongestPath = 64;
    private const int ReadOnlyCloseOnExec = 0x80000;

    private byte[] _buffer = new byte[FirstBufferBytes];

    /// <summary>Reads <c>/proc/PID/name</c>; empty when it cannot be read. Valid until the next read.</summary>
    public ReadOnlySpan<byte> Read(int pid, string name)
    {
        Span<byte> path = stackalloc byte[LongestPath];
        path.Clear();
        if (!Encoding.ASCII.TryGetBytes($"/proc/{pid}/{name}", path[..^1], out _))
            return default;
        int descriptor;
        fixed (byte* start = path)
            descriptor = Libc.Open(start, ReadOnlyCloseOnExec);
        if (descriptor < 0)
            return default;
        try
        {
            return ReadToEnd(descriptor);
        }
        finally
        {
            Libc.Close(descriptor);
        }
    }

    private ReadOnlySpan<byte> ReadToEnd(int descriptor)
    {
        var length = 0;
        while (true)
        {
            if (length == _buffer.Length)
            {
                if (length >= LargestFileBytes)
                    return default;
                Array.Resize(ref _buffer, length * 2);
            }

            nint read;
            fixed (byte* start = _buffer)
                read = Libc.Read(descriptor, start + length, _buffer.Length - length);
            if (read < 0)
                return default; // It ended meanwhile, or is not ours to read.
            if (read == 0)
                return _buffer.AsSpan(0, length);
            length += (int)read;
        }
    }
}
