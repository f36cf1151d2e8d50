using CodexCompanion.Pipeline.Processes;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>
/// Looks for programs on a caller's PATH. Done here and not by the system, which on Windows looks into the current directory first: a
/// cloned repository must not be able to bring its own codex.
/// </summary>
/// <param name="environment">The caller's environment.</param>
public sealed class ProgramSearch(IReadOnlyDictionary<string, string> environment)
{
    private static readonly string[] UsualExtensions = [".COM", ".EXE", ".BAT", ".CMD"];

    /// <summary>A variable of the caller; null when it is not set. Names have no case on Windows.</summary>
    public string? Variable(string name)
    {
        if (environment.TryGetValue(name, out var value) || !OperatingSystem.IsWindows())
            return value;
        return environment.FirstOrDefault(v => v.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
    }

    /// <summary>The first program of that name on PATH; null when there is none.</summary>
    public string? OnPath(string name)
    {
        foreach (var entry in (Variable("PATH") ?? "").Split(Path.PathSeparator))
        {
            var folder = entry.Trim('"');
            if (!Path.IsPathFullyQualified(folder))
                continue; // Empty, "." and the like mean the current directory.
            var found = FileNames(name).Select(n => Path.Combine(folder, n)).FirstOrDefault(p => Refuse(p) is null);
            if (found is not null)
                return found;
        }

        return null;
    }

    /// <summary>A path as somebody wrote it, made absolute; <c>~/</c> is the home folder.</summary>
    public string Absolute(string path)
    {
        var home = Variable(OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME");
        return path.StartsWith("~/", StringComparison.Ordinal) && !string.IsNullOrEmpty(home)
            ? Path.GetFullPath(path[2..], home)
            : Path.GetFullPath(path);
    }

    /// <summary>Why a file cannot be run, to follow its name; null when it can.</summary>
    public string? Refuse(string path)
    {
        if (Directory.Exists(path))
            return "is a folder";
        if (!File.Exists(path))
            return "does not exist";
        var isRunByHost = path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
        return OperatingSystem.IsWindows() || isRunByHost || Libc.IsExecutable(path) ? null : "is not executable";
    }

    private IEnumerable<string> FileNames(string name)
    {
        if (!OperatingSystem.IsWindows() || Path.HasExtension(name))
            return [name];
        var extensions = Variable("PATHEXT")?.Split(';', StringSplitOptions.RemoveEmptyEntries) ?? UsualExtensions;
        return extensions.Select(extension => name + extension);
    }
}
