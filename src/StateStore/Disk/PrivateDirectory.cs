namespace CodexCompanion.StateStore.Disk;

/// <summary>Folders that only their owner may enter: sockets and state carry prompts, results and the right to run commands.</summary>
public static class PrivateDirectory
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Sees to it that a folder exists, is ours, is no link and lets nobody else in.</summary>
    /// <returns>null when it does; else one sentence on why it cannot be used.</returns>
    public static string? Ensure(INativeDisk disk, string path)
    {
        try
        {
            var facts = disk.Look(path);
            if (facts is null)
            {
                disk.CreatePrivateDirectory(path); // Somebody quicker is no error; what is there is judged below.
                facts = disk.Look(path);
            }

            if (facts is null)
                return $"The folder {path} cannot be created.";
            if (facts.Kind == FileKind.Link)
                return $"The folder {path} is a symbolic link; a link is not followed here.";
            if (facts.Kind != FileKind.Directory)
                return $"{path} is not a folder.";
            if (facts.Owner is { } owner && disk.User is { } user && owner != user)
                return $"The folder {path} belongs to user {owner}, not to the current user {user}.";
            if (facts.Mode is { } mode && (mode & Others) != UnixFileMode.None)
                return Tighten(disk, path, mode);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"The folder {path} cannot be used: {DiskRefusal.Of(e)}";
        }
    }

    private static string? Tighten(INativeDisk disk, string path, UnixFileMode mode)
    {
        // Folders that are shared on purpose (temp) and the home directory are never closed on a mere setting's word.
        if (mode.HasFlag(UnixFileMode.StickyBit) || IsHomeOrAbove(path))
            return $"The folder {path} is shared with others; choose one of your own.";
        disk.MakePrivate(path);
        return null;
    }

    private static bool IsHomeOrAbove(string path)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var folder = Path.TrimEndingDirectorySeparator(path);
        return home == folder || Path.EndsInDirectorySeparator(folder) || home.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);
    }
}
