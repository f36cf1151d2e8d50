using System.Buffers.Binary;
using System.Net.Sockets;
using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>Who is at the other end of a unix socket, where the system tells (Linux, macOS).</summary>
internal static class PeerCredentials
{
    private const int LinuxSolSocket = 1;
    private const int LinuxSoPeerCred = 17; // struct ucred { pid, uid, gid }
    private const int MacSolLocal = 0;
    private const int MacLocalPeerCred = 1; // struct xucred { version, uid, … }

    /// <summary>Whether the peer is the user this process runs as; true as well where the system does not tell: the folder of the
    /// socket is private to the user in any case.</summary>
    public static bool IsSameUser(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[128];
        try
        {
            if (OperatingSystem.IsLinux())
            {
                var read = socket.GetRawSocketOption(LinuxSolSocket, LinuxSoPeerCred, credentials);
                return read < 8 || BinaryPrimitives.ReadUInt32LittleEndian(credentials[4..]) == NativeDisk.Instance.User;
            }

            if (OperatingSystem.IsMacOS())
            {
                var read = socket.GetRawSocketOption(MacSolLocal, MacLocalPeerCred, credentials);
                return read < 8 || BinaryPrimitives.ReadUInt32LittleEndian(credentials[4..]) == NativeDisk.Instance.User;
            }

            return true;
        }
        catch (SocketException)
        {
            return false; // It hung up already, or the system refuses to say: not a client to serve.
        }
    }
}
