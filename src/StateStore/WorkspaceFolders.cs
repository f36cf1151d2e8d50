using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.StateStore;

/// <summary>The workspaces that have state below a root. Their folders tell slug and hash, not the path: that stands in their records.</summary>
public static class WorkspaceFolders
{
    private const int HashLength = 16;

    /// <summary>All of them, in the order of their names. Folders with other names are not ours to look at.</summary>
    /// <returns>Workspaces whose <see cref="Workspace.Root"/> is empty: it is not known yet.</returns>
    /// <exception cref="IOException">The root cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The root may not be read.</exception>
    public static IReadOnlyList<Workspace> In(string root)
    {
        if (!Directory.Exists(root))
            return [];
        return
        [
            .. Directory.EnumerateDirectories(root)
                .Where(path => NativeDisk.Instance.Look(path) is { Kind: FileKind.Directory })
                .Select(path => Parse(Path.GetFileName(path)))
                .OfType<Workspace>()
                .OrderBy(workspace => workspace.Slug + workspace.Hash, StringComparer.Ordinal),
        ];
    }

    /// <summary>Takes the name of a state folder apart; null when it is none.</summary>
    public static Workspace? Parse(string folderName)
    {
        var at = folderName.Length - HashLength - 1;
        return at > 0 && folderName[at] == '-' && folderName[(at + 1)..].All(char.IsAsciiHexDigitLower)
            ? new Workspace("", folderName[..at], folderName[(at + 1)..])
            : null;
    }
}
