using CodexCompanion.Tool.Git;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Reviews.Targets;

/// <summary>What kind of change is reviewed.</summary>
internal enum TargetMode
{
    /// <summary>Everything that is not committed, untracked files included.</summary>
    WorkingTree,

    /// <summary>What the next commit would hold.</summary>
    Staged,

    /// <summary>What differs from the index, untracked files included.</summary>
    Unstaged,

    /// <summary>What HEAD has since it left a base.</summary>
    Branch,

    /// <summary>One commit.</summary>
    Commit,

    /// <summary>From one commit to another.</summary>
    Range,
}

/// <summary>A change to review: resolved, its commits verified.</summary>
internal sealed record ReviewTarget
{
    /// <summary>What kind.</summary>
    public required TargetMode Mode { get; init; }

    /// <summary>The repository.</summary>
    public required Repository Repository { get; init; }

    /// <summary>In a few words: "working tree diff", "branch diff against main".</summary>
    public required string Label { get; init; }

    /// <summary>The base as it was named; null when none was needed.</summary>
    public string? BaseRef { get; init; }

    /// <summary>Commit on the left side; null for the time before the first commit.</summary>
    public string? BaseSha { get; init; }

    /// <summary>Commit on the right side; null when that is the index or the working tree of a repository without a commit.</summary>
    public string? HeadSha { get; init; }

    /// <summary>Tree-ish that git compares from: <see cref="BaseSha"/>, or the empty tree.</summary>
    public required string From { get; init; }

    /// <summary>Whether the command line said what to review; else it was found out.</summary>
    public bool Explicit { get; init; }

    /// <summary>Only these, as pathspecs; empty for all.</summary>
    public IReadOnlyList<string> Pathspecs { get; init; } = [];

    /// <summary>The same as they were given, relative to where the user stands.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>The same relative to the root, where the reviewer stands.</summary>
    public IEnumerable<string> Places => Pathspecs.Select(spec => spec[(spec.IndexOf(')', StringComparison.Ordinal) + 1)..]);

    /// <summary>Whether files count that git does not track.</summary>
    public bool WithUntracked => Mode is TargetMode.WorkingTree or TargetMode.Unstaged;

    /// <summary>The mode's name in JSON and on the command line.</summary>
    public string ModeName => Mode switch
    {
        TargetMode.WorkingTree => "working-tree",
        TargetMode.Staged => "staged",
        TargetMode.Unstaged => "unstaged",
        TargetMode.Branch => "branch",
        TargetMode.Commit => "commit",
        _ => "range",
    };

    /// <summary>The revisions of `git diff` for this target.</summary>
    public IReadOnlyList<string> Revisions => Mode switch
    {
        TargetMode.WorkingTree => [From],
        TargetMode.Staged => ["--cached", From],
        // Of a file in conflict there is no plain difference to the index; that to our side says what was merged in.
        TargetMode.Unstaged => ["--ours"],
        _ => [From, HeadSha!],
    };

    /// <summary>The same comparison as a command line that is right in every directory of the repository.</summary>
    public string DiffCommand
    {
        get
        {
            var paths = Pathspecs.Count == 0 ? "" : " -- " + string.Join(' ', Pathspecs.Select(ShellWord.Quote));
            return Mode switch
            {
                TargetMode.WorkingTree => $"git diff {(BaseSha is null ? From : "HEAD")}{paths}",
                TargetMode.Staged => $"git diff --cached{paths}",
                TargetMode.Unstaged => $"git diff{paths}",
                TargetMode.Commit => $"git show {HeadSha}{paths}",
                _ => $"git diff {From} {HeadSha}{paths}",
            };
        }
    }

    /// <summary>Exactly what is compared, for the header.</summary>
    public string Compared
    {
        get
        {
            var left = BaseSha is null ? "the empty tree" : Repository.Short(BaseSha);
            var named = BaseRef is null || Mode == TargetMode.Commit ? "" : $" ({(Mode == TargetMode.Branch ? "merge base with " : "")}{BaseRef})";
            var right = Mode switch
            {
                TargetMode.WorkingTree => "the working tree",
                TargetMode.Staged => "the index",
                TargetMode.Unstaged => "the working tree",
                TargetMode.Branch => $"{Repository.Short(HeadSha!)} ({Repository.HeadName})",
                _ => Repository.Short(HeadSha!),
            };
            return Mode == TargetMode.Unstaged ? "from the index to the working tree" : $"from {left}{named} to {right}";
        }
    }
}
