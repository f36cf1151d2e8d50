namespace CodexCompanion.StateStore.Disk;

/// <summary>Makes one spelling out of the many a directory can have.</summary>
public static class CanonicalPath
{
    // What Linux allows in one path (MAXSYMLINKS); beyond it links go in a circle.
    private const int MostLinks = 40;

    /// <summary>The absolute path with every link resolved, without a separator at its end. Parts that do not exist stay as they are.</summary>
    public static string Of(string path)
    {
        var links = 0;
        var resolved = Resolve(Path.GetFullPath(path), ref links);
        return Path.TrimEndingDirectorySeparator(resolved);
    }

    private static string Resolve(string full, ref int links)
    {
        var root = Path.GetPathRoot(full)!;
        var resolved = OperatingSystem.IsWindows() ? root.ToUpperInvariant() : root;
        foreach (var part in full[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(resolved, part);
            var target = LinkTarget(next);
            resolved = target is null || ++links > MostLinks
                ? next
                : Resolve(Path.GetFullPath(target, resolved), ref links);
        }

        return resolved;
    }

    private static string? LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // What cannot be looked at is taken at its word.
        }
    }
}
