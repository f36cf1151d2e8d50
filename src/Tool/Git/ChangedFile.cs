namespace CodexCompanion.Tool.Git;

/// <summary>How a file changed.</summary>
internal enum ChangeKind
{
    /// <summary>New.</summary>
    Added,

    /// <summary>Changed, its mode or type included.</summary>
    Modified,

    /// <summary>Gone.</summary>
    Deleted,

    /// <summary>Under another name, perhaps changed as well.</summary>
    Renamed,

    /// <summary>In conflict: a merge is under way.</summary>
    Unmerged,

    /// <summary>Not tracked by git.</summary>
    Untracked,
}

/// <summary>A file of a change.</summary>
/// <param name="Path">Its name, relative to the repository's root, as it is.</param>
/// <param name="Kind">How it changed.</param>
/// <param name="OldPath">Its former name; null unless it was renamed.</param>
/// <param name="IsSubmodule">Whether it is another repository, of which only the commit is recorded here.</param>
/// <param name="IsLink">Whether it is a symbolic link.</param>
internal sealed record ChangedFile(string Path, ChangeKind Kind, string? OldPath = null, bool IsSubmodule = false, bool IsLink = false)
{
    private const string SubmoduleMode = "160000";
    private const string LinkMode = "120000";

    /// <summary>Lines added; null for a binary file or where nobody counted.</summary>
    public int? Added { get; init; }

    /// <summary>Lines removed; null for a binary file or where nobody counted.</summary>
    public int? Removed { get; init; }

    /// <summary>Whether git takes it for binary.</summary>
    public bool IsBinary { get; init; }

    /// <summary>Reads the output of `git diff --raw -z`.</summary>
    public static IReadOnlyList<ChangedFile> ReadRaw(IReadOnlyList<string> parts)
    {
        var files = new Dictionary<string, ChangedFile>(StringComparer.Ordinal);
        for (var at = 0; at < parts.Count; at++)
        {
            // ":100644 100644 bcd1234 0123456 M", then the name, for a rename the old and the new one.
            var head = parts[at].Split(' ');
            if (head.Length < 5 || !head[0].StartsWith(':') || at + 1 >= parts.Count)
                continue;
            var letter = head[4][0];
            var first = parts[++at];
            var isMove = letter is 'R' or 'C' && at + 1 < parts.Count;
            var path = isMove ? parts[++at] : first;
            var kind = letter switch
            {
                'A' or 'C' => ChangeKind.Added,
                'D' => ChangeKind.Deleted,
                'R' => ChangeKind.Renamed,
                'U' => ChangeKind.Unmerged,
                _ => ChangeKind.Modified,
            };
            // A conflict is listed twice: as such, and as the change of what lies in the tree. That it is one counts.
            if (files.TryGetValue(path, out var known) && known.Kind == ChangeKind.Unmerged)
                continue;
            var modes = (head[0][1..], head[1]);
            files[path] = new ChangedFile(
                path,
                kind,
                kind == ChangeKind.Renamed ? first : null,
                modes.Item1 == SubmoduleMode || modes.Item2 == SubmoduleMode,
                modes.Item1 == LinkMode || modes.Item2 == LinkMode);
        }

        return [.. files.Values];
    }

    /// <summary>Adds the line counts of `git diff --numstat -z`.</summary>
    public static IReadOnlyList<ChangedFile> WithCounts(IReadOnlyList<ChangedFile> files, IReadOnlyList<string> parts)
    {
        var counts = new Dictionary<string, (int? Added, int? Removed)>(StringComparer.Ordinal);
        for (var at = 0; at < parts.Count; at++)
        {
            // "3\t1\tname", or "3\t1\t" and then the old and the new name.
            var columns = parts[at].Split('\t', 3);
            if (columns.Length < 3)
                continue;
            var path = columns[2];
            if (path.Length == 0 && at + 2 < parts.Count)
            {
                path = parts[at + 2];
                at += 2;
            }

            counts[path] = (Count(columns[0]), Count(columns[1]));
        }

        return [.. files.Select(file => counts.TryGetValue(file.Path, out var count)
            ? file with { Added = count.Added, Removed = count.Removed, IsBinary = count.Added is null }
            : file)];
    }

    // A dash: binary.
    private static int? Count(string text) => int.TryParse(text, out var number) ? number : null;
}
