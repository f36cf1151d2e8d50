using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.Tool.Reviews.Findings;

/// <summary>Where a finding lies. What a model wrote becomes a path that is shown and looked at, so it may not lead elsewhere.</summary>
internal static class FindingPlace
{
    /// <summary>The path relative to the root, with forward slashes; null when it lies outside.</summary>
    /// <param name="path">As it was given.</param>
    /// <param name="root">Root of the repository, canonical.</param>
    public static string? Relative(string path, string root)
    {
        path = path.Trim();
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
            return null;
        // "a/…" and "b/…" are how a diff names its two sides; only where no such folder is there.
        if (path is ['a' or 'b', '/', _, ..] && !Path.Exists(Path.Combine(root, path[..1])))
            path = path[2..];
        var relative = path;
        if (Path.IsPathRooted(path))
        {
            relative = Path.GetRelativePath(root, path);
            if (IsOutside(relative))
                relative = Path.GetRelativePath(root, CanonicalPath.Of(path)); // The server may know the root by another name.
        }
        else
        {
            relative = Path.GetRelativePath(root, Path.GetFullPath(path, root));
        }

        return IsOutside(relative) || relative == "." ? null : relative.Replace(Path.DirectorySeparatorChar, '/');
    }

    private static bool IsOutside(string relative) =>
        relative == ".." || relative.StartsWith(".." + Path.DirectorySeparatorChar, StringComparison.Ordinal) || Path.IsPathRooted(relative);
}
