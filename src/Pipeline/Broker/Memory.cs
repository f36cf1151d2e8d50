using System.Buffers.Text;
using System.Diagnostics;
using System.Runtime.Versioning;
using CodexCompanion.Pipeline.Processes;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>Memory of other processes.</summary>
internal static class Memory
{
    /// <summary>Resident bytes of a process; null when it is gone or cannot be asked.</summary>
    public static long? ResidentBytes(int pid)
    {
        if (OperatingSystem.IsLinux())
            return FromStatm(pid); // Looked at every two seconds: not worth the objects that .NET's own class makes for it.
        try
        {
            using var process = Process.GetProcessById(pid);
            return process.WorkingSet64;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    // proc(5): statm gives sizes in pages, the resident one second.
    [SupportedOSPlatform("linux")]
    private static long? FromStatm(int pid)
    {
        var statm = new ProcFile().Read(pid, "statm");
        var resident = statm[(statm.IndexOf((byte)' ') + 1)..];
        return !statm.IsEmpty && Utf8Parser.TryParse(resident, out long pages, out _) ? pages * Environment.SystemPageSize : null;
    }
}
