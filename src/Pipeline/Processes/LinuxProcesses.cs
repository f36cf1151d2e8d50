using System.Buffers.Text;
using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.Pipeline.Processes;

/// <summary>The processes of a Linux system, from /proc.</summary>
[SupportedOSPlatform("linux")]
internal static class LinuxProcesses
{
    // Fields of /proc/PID/stat behind the name, counted from 0: state, ppid, pgrp, session … starttime (proc(5) counts them 3, 4, 5, 6, 22).
    private const int ParentField = 1;
    private const int SessionField = 3;
    private const int FlagsField = 6;
    private const int StartTimeField = 19;
    private const int EnvironmentEndField = 48;

    private const uint IsKernelThread = 0x00200000; // PF_KTHREAD

    // For all processes of a search, some fifty milliseconds: a start takes microseconds, and a loaded machine may stop in the middle of it.
    private const int LooksAtStarts = 70;

    /// <summary>All of them.</summary>
    public static List<ProcessEntry> List()
    {
        var file = new ProcFile();
        var entries = new List<ProcessEntry>(256);
        foreach (var pid in Pids())
        {
            if (Parse(pid, file.Read(pid, "stat")) is { } entry)
                entries.Add(entry);
        }

        return entries;
    }

    /// <summary>Those in whose environment or command line (<c>environ</c>, <c>cmdline</c>) a text stands anywhere: few, for a closer look.</summary>
    public static List<ProcessEntry> Mentioning(string name, string text)
    {
        var file = new ProcFile();
        var wanted = Encoding.UTF8.GetBytes(text);
        var entries = new List<ProcessEntry>();
        foreach (var pid in Pids())
        {
            if (file.Read(pid, name).IndexOf(wanted) >= 0 && Parse(pid, file.Read(pid, "stat")) is { } entry)
                entries.Add(entry);
        }

        return entries;
    }

    /// <summary>The parent of a process; 0 for the first, and for one that has ended.</summary>
    public static int ParentOf(int pid) => Parse(pid, new ProcFile().Read(pid, "stat"))?.ParentPid ?? 0;

    /// <summary>The session a process is in, which is the PID of who opened it; 0 when it has none, or has ended.</summary>
    public static int SessionOf(int pid)
    {
        var stat = new ProcFile().Read(pid, "stat");
        var close = stat.LastIndexOf((byte)')'); // As below: the name may hold anything.
        return close >= 0 && close + 2 < stat.Length && Utf8Parser.TryParse(Field(stat[(close + 2)..], SessionField), out int session, out _) ? session : 0;
    }

    /// <summary>Those of the given processes that are marked by their environment, as it was at their start.</summary>
    public static IEnumerable<ProcessEntry> WithMark(IEnumerable<ProcessEntry> entries, EnvironmentMark mark)
    {
        var file = new ProcFile();
        var wanted = Encoding.UTF8.GetBytes(mark.Text);
        var looks = LooksAtStarts;
        return entries.Where(e => Holds(StartedEnvironment(file, e.Pid, ref looks), wanted, mark.IsPrefix));
    }

    // In the middle of its start a program shows no environment: that does not say that it has no mark.
    private static ReadOnlySpan<byte> StartedEnvironment(ProcFile file, int pid, ref int looks)
    {
        for (var spinner = new SpinWait(); ; spinner.SpinOnce())
        {
            var environment = file.Read(pid, "environ");
            if (!environment.IsEmpty)
                return environment;
            if (looks == 0 || !IsBeingStarted(file.Read(pid, "stat")) || !IsOurs(pid))
                return default;
            looks--;
        }
    }

    /// <summary>Whether a line of /proc/PID/stat is that of a program whose memory is just being set up, or may not be looked at.</summary>
    public static bool IsBeingStarted(ReadOnlySpan<byte> stat)
    {
        var close = stat.LastIndexOf((byte)')');
        if (close < 0 || close + 2 >= stat.Length)
            return false;
        var rest = stat[(close + 2)..];
        return rest[0] is not ((byte)'Z' or (byte)'X' or (byte)'x')
            && Utf8Parser.TryParse(Field(rest, FlagsField), out uint flags, out _) && (flags & IsKernelThread) == 0
            && Utf8Parser.TryParse(Field(rest, EnvironmentEndField), out ulong end, out _) && end == 0;
    }

    /// <summary>The value of a variable in a process' environment, as it was at its start; null when it has none or cannot be read.</summary>
    public static string? Variable(int pid, string name)
    {
        var begin = name + "=";
        return Texts(pid, "environ").FirstOrDefault(text => text.StartsWith(begin, StringComparison.Ordinal)) is { } variable ? variable[begin.Length..] : null;
    }

    /// <summary>The arguments of a process, its program first; none when they cannot be read.</summary>
    public static IReadOnlyList<string> Arguments(int pid) => Texts(pid, "cmdline");

    /// <summary>Whether a process runs as this user. Root sees the environments of all.</summary>
    public static bool IsOurs(int pid)
    {
        try
        {
            return NativeDisk.Instance.Look($"/proc/{pid}")?.Owner == NativeDisk.Instance.User;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // It ended just now, or is hidden.
        }
    }

    private static IEnumerable<int> Pids()
    {
        foreach (var path in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(path.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
                yield return pid;
        }
    }

    private static string[] Texts(int pid, string file) =>
        Encoding.UTF8.GetString(new ProcFile().Read(pid, file)).Split('\0', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Reads a line of /proc/PID/stat; null when it is not one.</summary>
    public static ProcessEntry? Parse(int pid, ReadOnlySpan<byte> stat)
    {
        // The name may hold spaces and parentheses, so only the last one ends it.
        var open = stat.IndexOf((byte)'(');
        var close = stat.LastIndexOf((byte)')');
        if (open < 0 || close < open || close + 2 >= stat.Length)
            return null;
        var command = Encoding.UTF8.GetString(stat[(open + 1)..close]);
        var rest = stat[(close + 2)..];
        var ended = rest[0] is (byte)'Z' or (byte)'X' or (byte)'x';
        return Utf8Parser.TryParse(Field(rest, ParentField), out int parent, out _)
            ? new ProcessEntry(pid, parent, command, ended, Encoding.ASCII.GetString(Field(rest, StartTimeField)))
            : null;
    }

    private static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> fields, int index)
    {
        for (; index > 0; index--)
            fields = fields[(fields.IndexOf((byte)' ') + 1)..];
        var end = fields.IndexOf((byte)' ');
        return end < 0 ? fields : fields[..end];
    }

    private static bool Holds(ReadOnlySpan<byte> environment, ReadOnlySpan<byte> wanted, bool asPrefix)
    {
        for (var rest = environment; !rest.IsEmpty;)
        {
            var end = rest.IndexOf((byte)0);
            var variable = end < 0 ? rest : rest[..end];
            if (asPrefix ? variable.StartsWith(wanted) : variable.SequenceEqual(wanted))
                return true;
            rest = end < 0 ? default : rest[(end + 1)..];
        }

        return false;
    }
}
