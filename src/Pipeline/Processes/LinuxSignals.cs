using System.Globalization;
using System.Runtime.Versioning;

namespace CodexCompanion.Pipeline.Processes;

/// <summary>What this process does about signals, as the kernel sees it.</summary>
[SupportedOSPlatform("linux")]
public static class LinuxSignals
{
    /// <summary>SIGCHLD.</summary>
    internal const int ChildEnded = 17;

    private const string IgnoredLine = "SigIgn:";

    /// <summary>Whether a signal is ignored.</summary>
    public static bool IsIgnored(int signal)
    {
        try
        {
            return IsIn(File.ReadLines("/proc/self/status"), signal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // Without /proc the usual is assumed.
        }
    }

    /// <summary>Whether a signal is in the set of ignored ones, by the lines of a status file.</summary>
    internal static bool IsIn(IEnumerable<string> status, int signal)
    {
        var line = status.FirstOrDefault(l => l.StartsWith(IgnoredLine, StringComparison.Ordinal));
        return line is not null
            && ulong.TryParse(line.AsSpan(IgnoredLine.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var set)
            && (set >> (signal - 1) & 1) == 1;
    }

    /// <summary>Gives a signal its default back.</summary>
    internal static void SetDefault(int signal) => Libc.SetHandler(signal, handler: 0);
}
