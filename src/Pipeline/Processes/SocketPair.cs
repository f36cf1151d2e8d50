using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace CodexCompanion.Pipeline.Processes;

/// <summary>
/// Two connected sockets: one end becomes a child's standard stream, the other is ours. Not a pipe, because .NET waits for a socket
/// with epoll or kqueue, and for a pipe with a blocked thread.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed unsafe class SocketPair : IDisposable
{
    private const int Unix = 1; // AF_UNIX
    private const int Stream = 1; // SOCK_STREAM
    private const int LinuxCloseOnExec = 0x80000; // SOCK_CLOEXEC
    private const nuint MacSetCloseOnExec = 0x20006601; // FIOCLEX
    private const int FirstFree = 3;

    private SafeSocketHandle? _ours;
    private int _theirs;

    private SocketPair(int ours, int theirs)
    {
        _ours = new SafeSocketHandle(ours, ownsHandle: true);
        _theirs = theirs;
    }

    /// <summary>The child's end.</summary>
    public int Theirs => _theirs;

    /// <summary>Makes a pair.</summary>
    /// <exception cref="IOException">The system has no descriptors left.</exception>
    public static SocketPair Create()
    {
        var pair = stackalloc int[2];
        Open(pair);

        // With 0, 1 or 2 closed in our own process a new descriptor would take their place and be overwritten in the child.
        if (pair[0] < FirstFree || pair[1] < FirstFree)
        {
            try
            {
                return Create();
            }
            finally
            {
                Libc.Close(pair[0]);
                Libc.Close(pair[1]);
            }
        }

        return new SocketPair(pair[0], pair[1]);
    }

    /// <summary>Our end as a stream, which then owns it.</summary>
    public NetworkStream TakeOurs()
    {
        var socket = new Socket(_ours!);
        _ours = null;
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static void Open(int* pair)
    {
        var type = OperatingSystem.IsMacOS() ? Stream : Stream | LinuxCloseOnExec;
        if (Libc.SocketPair(Unix, type, 0, pair) != 0)
            throw new IOException("No socket pair could be made.", new Win32Exception(Marshal.GetLastPInvokeError()));
        if (!OperatingSystem.IsMacOS())
            return;

        // A child that another thread starts right here gets them; macOS has no way to make both at once.
        Libc.Control(pair[0], MacSetCloseOnExec);
        Libc.Control(pair[1], MacSetCloseOnExec);
    }

    /// <summary>Closes the child's end, which it has a copy of by now, and ours unless it was taken.</summary>
    public void Dispose()
    {
        if (_theirs >= 0)
            Libc.Close(_theirs);
        _theirs = -1;
        _ours?.Dispose();
    }
}
