using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.StateStore;

/// <summary>
/// What a commit in a linked worktree (<c>git worktree add</c>) writes outside of it: the worktree's own folder below the repository's
/// <c>.git/worktrees</c>, and the repository's objects, refs and logs. Not its hooks and not its configuration, which run and rule what the user does
/// elsewhere. Starts no git.
/// </summary>
public static class LinkedWorktree
{
    // A path and a prefix: a file that is longer is not what git writes.
    private const int MostCharacters = 8192;

    private static readonly string[] Shared = ["objects", "refs", "logs"];

    /// <summary>The folders, as far as they are there; empty where a directory is in no linked worktree.</summary>
    /// <param name="directory">A directory.</param>
    public static IReadOnlyList<string> FoldersOfACommit(string directory)
    {
        var link = Path.Combine(Workspace.Resolve(directory).Root, ".git");
        if (Line(link) is not { } line || !line.StartsWith("gitdir: ", StringComparison.Ordinal))
            return [];
        var own = CanonicalPath.Of(Path.Combine(Path.GetDirectoryName(link)!, line["gitdir: ".Length..]));
        // Whoever unpacks somebody's archive may unpack such a file, and it must not open any folder it names. The folder of a worktree names the
        // worktree in its turn, and lies where git puts it.
        if (Line(Path.Combine(own, "gitdir")) is not { } back || CanonicalPath.Of(Path.Combine(own, back)) != link)
            return [];
        if (Line(Path.Combine(own, "commondir")) is not { } shared)
            return [];
        var common = CanonicalPath.Of(Path.Combine(own, shared));
        return Path.GetDirectoryName(own) == Path.Combine(common, "worktrees") && File.Exists(Path.Combine(common, "HEAD"))
            ? [own, .. Shared.Select(name => Path.Combine(common, name)).Where(IsFolder)]
            : [];
    }

    // A link would lead out of the repository.
    private static bool IsFolder(string path) => new DirectoryInfo(path) is { Exists: true, LinkTarget: null };

    private static string? Line(string path)
    {
        if (!RegularFile.IsAt(path))
            return null;
        try
        {
            using var reader = new StreamReader(path);
            var buffer = new char[MostCharacters];
            var read = reader.ReadBlock(buffer, 0, buffer.Length);
            return read < MostCharacters ? new string(buffer, 0, read).TrimEnd('\r', '\n') : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
