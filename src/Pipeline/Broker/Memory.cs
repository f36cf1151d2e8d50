using System.Diagnostics;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>Memory of other processes.</summary>
internal static class Memory
{
    /// <summary>Resident bytes of a process; null when it is gone or cannot be asked.</summary>
    public static long? ResidentBytes(int pid)
    {
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
}
