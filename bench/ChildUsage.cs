using System.Diagnostics;
using System.Runtime.InteropServices;

namespace CodexCompanion.Bench;

/// <summary>What one run of a program cost.</summary>
/// <param name="Wall">From start to exit, in milliseconds.</param>
/// <param name="Cpu">User and system time of the program and of the children it waited for, in milliseconds.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Cost(double Wall, double Cpu);

/// <summary>Runs programs and reads their cost from the system's own accounting.</summary>
internal static partial class ChildUsage
{
    private const int Children = -1; // RUSAGE_CHILDREN
    private const int RusageBytes = 144; // struct rusage on 64-bit Linux and macOS: two timevals and 14 longs
    private const int MaxResident = 4; // ru_maxrss, behind the two timevals: kibibytes on Linux, bytes on macOS

    /// <summary>Runs a program to its end; its output is read and thrown away.</summary>
    public static async Task<Cost> RunAsync(
        string path, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string directory, string input = "")
    {
        var start = new ProcessStartInfo(path, arguments)
        {
            WorkingDirectory = directory,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        var before = CpuOfChildren();
        var begun = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        var wall = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        await Task.WhenAll(output, errors);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{path} exited with {process.ExitCode}: {await errors}");
        return new Cost(wall, CpuOfChildren() - before);
    }

    /// <summary>The memory of the largest program that was run so far, at its peak.</summary>
    public static double PeakMebibytes()
    {
        Span<long> usage = stackalloc long[RusageBytes / sizeof(long)];
        Read(usage);
        return usage[MaxResident] / (OperatingSystem.IsMacOS() ? 1024.0 * 1024 : 1024.0);
    }

    /// <summary>User and system time of all children that ended so far, and of those they waited for, in milliseconds.</summary>
    public static double CpuOfChildren()
    {
        Span<long> usage = stackalloc long[RusageBytes / sizeof(long)];
        Read(usage);

        // Two timevals: seconds and microseconds of user time, then of system time.
        return ((usage[0] + usage[2]) * 1e3) + ((usage[1] + usage[3]) / 1e3);
    }

    private static void Read(Span<long> usage)
    {
        if (GetRusage(Children, ref MemoryMarshal.GetReference(usage)) != 0)
            throw new InvalidOperationException("getrusage failed");
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static partial int GetRusage(int who, ref long usage);
}
