using System.Text;
using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.StateStore;

/// <summary>The tree a state belongs to: the git top level, else the directory itself.</summary>
/// <param name="Root">Canonical path: absolute, without links.</param>
/// <param name="Slug">Readable part of the state directory's name.</param>
/// <param name="Hash">First 16 hexadecimal digits of the SHA-256 of <paramref name="Root"/> in UTF-8; keeps equal base names apart.</param>
public sealed record Workspace(string Root, string Slug, string Hash)
{
    // A file name holds 255 bytes on every system we know; the dash and the hash need 17 of them.
    private const int LongestSlug = 200;

    /// <summary>The workspace of a directory. Walks up for <c>.git</c> (a directory with a <c>HEAD</c>, or the file of a worktree); starts no git.</summary>
    /// <param name="cwd">A directory; it need not exist any more.</param>
    public static Workspace Resolve(string cwd)
    {
        var start = CanonicalPath.Of(cwd);
        for (var candidate = start; candidate is not null; candidate = Path.GetDirectoryName(candidate))
        {
            if (HoldsRepository(candidate))
                return Of(candidate);
        }

        return Of(start);
    }

    /// <summary>Whether a canonical path is the root of this workspace, by its hash.</summary>
    public bool IsAt(string root) => string.Equals(Hash, HashOf(root), StringComparison.Ordinal);

    // Codex's sandbox can leave an empty folder of that name behind, in the temp folder too: it must not become the root of all below it.
    private static bool HoldsRepository(string folder)
    {
        var git = Path.Combine(folder, ".git");
        return File.Exists(git) || Path.Exists(Path.Combine(git, "HEAD"));
    }

    private static Workspace Of(string root) => new(root, SlugOf(Path.GetFileName(root)), HashOf(root));

    private static string HashOf(string root) => Convert.ToHexStringLower(Sha256.Hash(Encoding.UTF8.GetBytes(root)), 0, 8);

    private static string SlugOf(string name)
    {
        var slug = new StringBuilder(name.Length);
        var replacing = false;
        foreach (var c in name)
        {
            var fits = char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-';
            if (fits)
                slug.Append(c);
            else if (!replacing)
                slug.Append('-');
            replacing = !fits;
        }

        slug.Length = Math.Min(slug.Length, LongestSlug);
        var trimmed = slug.ToString().Trim('-');
        return trimmed.Length == 0 ? "workspace" : trimmed;
    }
}
