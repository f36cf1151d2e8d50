using System.Text;

namespace CodexCompanion.EndToEnd.Tests.Harness;

/// <summary>A process seen in /proc.</summary>
internal sealed record SeenProcess(int Pid, int Parent, char State, string CommandLine)
{
    public override string ToString() => $"{Pid} (parent {Parent}, {State}) {CommandLine}";
}

/// <summary>Looks through the processes of this machine (Linux).</summary>
internal static class ProcessTable
{
    /// <summary>
    /// The living processes that belong to a folder: it occurs in their command line, environment, working directory or executable. The tests' own process
    /// and zombies do not count.
    /// </summary>
    public static IReadOnlyList<SeenProcess> BelongingTo(string folder) =>
        [.. All().Where(p => p.Pid != Environment.ProcessId && Mentions(p, folder))];

    /// <summary>The living processes whose command line contains a text.</summary>
    public static IReadOnlyList<SeenProcess> WithCommandLine(string text) =>
        [.. All().Where(p => p.Pid != Environment.ProcessId && p.CommandLine.Contains(text, StringComparison.Ordinal))];

    /// <summary>Whether a process lives; a zombie does not.</summary>
    public static bool Lives(int pid) => Read(pid) is not null;

    /// <summary>The file a process runs; null when it is gone.</summary>
    public static string? Executable(int pid) => Link($"/proc/{pid}/exe");

    private static IEnumerable<SeenProcess> All() =>
        Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => Read(int.Parse(name!))).OfType<SeenProcess>();

    private static SeenProcess? Read(int pid)
    {
        var stat = Text($"/proc/{pid}/stat");
        if (stat.Length == 0)
            return null;
        // The name in parentheses may hold blanks and parentheses itself: the fields follow the last one.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields[0] is "Z" or "X" ? null : new SeenProcess(pid, int.Parse(fields[1]), fields[0][0], Text($"/proc/{pid}/cmdline").Replace('\0', ' ').TrimEnd());
    }

    private static bool Mentions(SeenProcess process, string folder) =>
        process.CommandLine.Contains(folder, StringComparison.Ordinal)
        || Text($"/proc/{process.Pid}/environ").Contains(folder, StringComparison.Ordinal)
        || Link($"/proc/{process.Pid}/cwd")?.StartsWith(folder, StringComparison.Ordinal) == true
        || Link($"/proc/{process.Pid}/exe")?.StartsWith(folder, StringComparison.Ordinal) == true;

    private static string Text(string path)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // ended in the meantime, or somebody else's
        }
    }

    private static string? Link(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: false)?.FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // ended in the meantime, or somebody else's
        }
    }
}
