namespace CodexCompanion.Tool.Git;

/// <summary>The options that make `git diff` say the same for everybody, whatever is configured.</summary>
internal static class DiffFlags
{
    /// <summary>For all of its forms. 1000 is git's own limit for the search for renames.</summary>
    public static IReadOnlyList<string> Common { get; } =
    [
        "--no-color", "--no-ext-diff", "--no-textconv", "--no-relative", "--find-renames=50%", "-l1000", "--full-index", "--ignore-submodules=none", "-O/dev/null",
    ];

    /// <summary>For patches.</summary>
    public static IReadOnlyList<string> Patch { get; } =
    [
        .. Common, "--patch", "--src-prefix=a/", "--dst-prefix=b/", "--unified=3", "--inter-hunk-context=0", "--diff-algorithm=myers",
        "--indent-heuristic", "--submodule=short", "--no-color-moved", "--ws-error-highlight=none",
    ];
}
