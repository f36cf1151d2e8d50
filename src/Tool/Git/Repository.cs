using CodexCompanion.StateStore.Disk;
using CodexCompanion.Tool.CommandLine;

namespace CodexCompanion.Tool.Git;

/// <summary>What is known of the repository a directory belongs to.</summary>
/// <param name="Root">Top of the working tree, canonical.</param>
/// <param name="GitDirectory">Where git keeps what belongs to this working tree.</param>
/// <param name="Head">Commit that HEAD names; null before the first commit.</param>
/// <param name="Branch">Branch that HEAD is on; null when it is detached.</param>
/// <param name="IsShallow">Whether older commits are missing.</param>
internal sealed record Repository(string Root, string GitDirectory, string? Head, string? Branch, bool IsShallow)
{
    /// <summary>What is under way in it, in a word (merge, rebase, cherry-pick, revert); null for nothing.</summary>
    public string? UnderWay =>
        Has("MERGE_HEAD") ? "merge"
        : Has("rebase-merge") || Has("rebase-apply") ? "rebase"
        : Has("CHERRY_PICK_HEAD") ? "cherry-pick"
        : Has("REVERT_HEAD") ? "revert"
        : null;

    /// <summary>HEAD as a person names it.</summary>
    public string HeadName => Head is null ? $"{Branch ?? "HEAD"} (no commit yet)" : Branch ?? $"detached HEAD at {Short(Head)}";

    /// <summary>A commit's id, short enough to be read.</summary>
    public static string Short(string sha) => sha.Length > 12 ? sha[..12] : sha;

    /// <summary>Looks at the repository of a directory.</summary>
    public static async Task<Attempt<Repository>> OpenAsync(GitRunner git, string directory, CancellationToken stop)
    {
        var places = await git.RunAsync(directory, stop, "rev-parse", "--is-inside-work-tree", "--is-shallow-repository", "--absolute-git-dir", "--show-toplevel");
        if (!places.Succeeded)
            return Refuse(directory, places.Complaint);
        var lines = places.Word.Split('\n', 4);
        if (lines is not ["true", var shallow, var gitDirectory, var root])
            return CommandError.Usage($"{directory} lies in a repository without a working tree; a review needs one.");

        // A configuration can name any folder for the working tree, the user's home for one, whose files would then be sent. A tree of this
        // repository leads back to it.
        var back = await git.RunAsync(root, stop, "rev-parse", "--absolute-git-dir");
        if (back.Word != gitDirectory)
            return CommandError.Usage($"The repository {gitDirectory} names {root} as its working tree, which does not belong to it.", "Remove core.worktree from its configuration.");

        var head = await git.RunAsync(directory, stop, "rev-parse", "--verify", "--quiet", "HEAD^{commit}");
        var branch = await git.RunAsync(directory, stop, "symbolic-ref", "--quiet", "--short", "HEAD");
        return new Repository(
            CanonicalPath.Of(root),
            gitDirectory,
            head.Succeeded ? head.Word : null,
            branch.Succeeded ? branch.Word : null,
            shallow == "true");
    }

    private static CommandError Refuse(string directory, string complaint) =>
        complaint.Contains("not a git repository", StringComparison.Ordinal)
            ? CommandError.Usage($"{directory} does not belong to a Git repository; a review needs one.", "Run `git init` there, or name another directory by --cwd.")
            : complaint.Contains("must be run in a work tree", StringComparison.Ordinal)
                ? CommandError.Usage($"{directory} lies in a repository without a working tree; a review needs one.")
                : CommandError.Usage($"Git cannot use the repository of {directory}: {complaint}");

    private bool Has(string name) => Path.Exists(Path.Combine(GitDirectory, name));
}
