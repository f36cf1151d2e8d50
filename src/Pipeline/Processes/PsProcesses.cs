using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace CodexCompanion.Pipeline.Processes;

/// <summary>
/// The processes of a macOS system, as far as <c>ps</c> tells them. It shows the environment of the user's own processes, but not of
/// programs the system protects. Not run on macOS yet.
/// </summary>
internal static class PsProcesses
{
    // ps takes milliseconds; one that hangs must not hold up the end of a turn.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>All of them.</summary>
    public static List<ProcessEntry> List() =>
        [.. Run("-ax", "-o", "pid=,ppid=,stat=,comm=").Select(Parse).OfType<ProcessEntry>()];

    /// <summary>Those of the given processes that are marked.</summary>
    public static IEnumerable<ProcessEntry> WithMark(IEnumerable<ProcessEntry> entries, EnvironmentMark mark)
    {
        // The environment stands behind the arguments, parted by spaces.
        var marked = Run("-axEww", "-o", "pid=,command=")
            .Where(line => line.Split(' ').Any(mark.Is))
            .Select(FirstNumber)
            .ToHashSet();
        return entries.Where(e => marked.Contains(e.Pid));
    }

    /// <summary>Reads a line "pid ppid stat comm"; null when it is not one.</summary>
    public static ProcessEntry? Parse(string line)
    {
        var fields = line.Split(' ', 4, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return fields.Length == 4 && FirstNumber(fields[0]) is var pid and > 0 && FirstNumber(fields[1]) is var parent and >= 0
            ? new ProcessEntry(pid, parent, Path.GetFileName(fields[3]), fields[2].StartsWith('Z'), StartTime: null)
            : null;
    }

    private static int FirstNumber(string line) =>
        int.TryParse(line.TrimStart().Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;

    private static string[] Run(params string[] arguments)
    {
        try
        {
            var info = new ProcessStartInfo("/bin/ps", arguments) { RedirectStandardOutput = true, UseShellExecute = false };
            using var ps = Process.Start(info)!;
            var output = ps.StandardOutput.ReadToEndAsync();
            if (!output.Wait(Limit))
            {
                ps.Kill();
                return [];
            }

            return output.Result.Split('\n');
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or IOException)
        {
            return []; // Without ps nothing is found; what was started by ourselves is still ended by its PID.
        }
    }
}
