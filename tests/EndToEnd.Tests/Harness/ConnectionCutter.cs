using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace CodexCompanion.EndToEnd.Tests.Harness;

/// <summary>
/// Cuts a running client off from its server while both live: takes a copy of the client's socket out of the process (pidfd_getfd, Linux 5.6; a parent may
/// do that to its child) and shuts it down. Neither side is told before, as with a real fault.
/// </summary>
internal static partial class ConnectionCutter
{
    // The same numbers on every architecture.
    private const nint PidfdOpen = 434;
    private const nint PidfdGetfd = 438;

    /// <summary>Shuts down the process's connections to unix sockets below a folder; returns how many there were.</summary>
    public static int Cut(int pid, string folder)
    {
        using var process = new SafeSocketHandle(Checked(SystemCall(PidfdOpen, pid, 0, 0)), ownsHandle: true);
        var cut = 0;
        foreach (var descriptor in SocketsOf(pid))
        {
            using var socket = new Socket(new SafeSocketHandle(Checked(SystemCall(PidfdGetfd, process.DangerousGetHandle(), descriptor, 0)), ownsHandle: true));
            if (PeerOf(socket)?.StartsWith(folder, StringComparison.Ordinal) != true)
                continue;
            socket.Shutdown(SocketShutdown.Both);
            cut++;
        }

        return cut;
    }

    private static IEnumerable<int> SocketsOf(int pid) =>
        Directory.EnumerateFiles($"/proc/{pid}/fd").Where(path => new FileInfo(path).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true).Select(path => int.Parse(Path.GetFileName(path)));

    private static string? PeerOf(Socket socket)
    {
        try
        {
            return (socket.RemoteEndPoint as UnixDomainSocketEndPoint)?.ToString();
        }
        catch (SocketException)
        {
            return null; // not connected to anything
        }
    }

    private static nint Checked(nint result) =>
        result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second, nint third);
}
