using CodexCompanion.StateStore.Disk;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Reviews.Content;

namespace CodexCompanion.Tool.Reviews.Targets;

/// <summary>
/// Turns the paths of a command line into git's pathspecs. They are taken from where the user stands, whereas git always works from the
/// root; a name that exists is meant literally, brackets and stars included.
/// </summary>
internal static class Pathspecs
{
    /// <summary>The pathspecs.</summary>
    /// <param name="paths">As given.</param>
    /// <param name="cwd">What they are relative to.</param>
    /// <param name="root">Root of the repository, canonical.</param>
    public static Attempt<IReadOnlyList<string>> Of(IReadOnlyList<string> paths, string cwd, string root)
    {
        var specs = new List<string>();
        var here = CanonicalPath.Of(cwd);
        foreach (var path in paths)
        {
            if (path.Length == 0)
                return CommandError.Usage("An empty path names nothing to review.");
            if (path.Contains('\0', StringComparison.Ordinal))
                return CommandError.Usage($"No path holds a NUL, as {QuotedName.Of(path)} does.");
            // The folder is canonical and the file is not resolved: a link is a file like others, and its target is none of ours.
            var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path, here));
            var relative = Path.GetRelativePath(root, full).Replace(Path.DirectorySeparatorChar, '/');
            if (relative == ".." || relative.StartsWith("../", StringComparison.Ordinal) || Path.IsPathRooted(relative))
                return CommandError.Usage($"{path} lies outside of the repository {root}.");
            if (relative == ".")
                continue; // Everything.
            var isPattern = relative.AsSpan().ContainsAny("*?[") && !Path.Exists(full);
            specs.Add($":(top,{(isPattern ? "glob" : "literal")}){relative}");
        }

        // "." among others means all of it.
        return paths.Count > specs.Count ? new Attempt<IReadOnlyList<string>>([], Error: null) : specs;
    }
}
