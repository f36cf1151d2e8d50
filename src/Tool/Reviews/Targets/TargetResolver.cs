using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Git;

namespace CodexCompanion.Tool.Reviews.Targets;

/// <summary>
/// Finds out what is to be reviewed, and verifies every commit it names: a misspelt branch ends here, before any job and any call of a
/// model. The answer is the same from every directory of the repository.
/// </summary>
internal sealed class TargetResolver(GitRunner git, CancellationToken stop)
{
    private readonly RefFinder _refs = new(git, stop);

    /// <summary>Resolves.</summary>
    public async Task<Attempt<ReviewTarget>> ResolveAsync(TargetRequest request)
    {
        var opened = await Repository.OpenAsync(git, request.Cwd, stop);
        if (opened.Value is not { } repository)
            return opened.Error!;
        var specs = Pathspecs.Of(request.Paths, request.Cwd, repository.Root);
        if (specs.Value is not { } pathspecs)
            return specs.Error!;

        var target = await ResolveAsync(request, repository, pathspecs);
        return target.Value is null ? target : target.Value with { Pathspecs = pathspecs, Paths = request.Paths };
    }

    private async Task<Attempt<ReviewTarget>> ResolveAsync(TargetRequest request, Repository repository, IReadOnlyList<string> pathspecs)
    {
        if (request.Commit is { } commit)
            return await CommitAsync(repository, commit);
        if (request.Range is { } range)
            return await RangeAsync(repository, range);
        if (request.Base is { } named)
            return await BranchAsync(repository, named, given: true);
        switch (request.Scope)
        {
            case "working-tree":
                return await UncommittedAsync(repository, TargetMode.WorkingTree, request.ScopeGiven);
            case "staged":
                return await UncommittedAsync(repository, TargetMode.Staged, request.ScopeGiven);
            case "unstaged":
                return await UncommittedAsync(repository, TargetMode.Unstaged, request.ScopeGiven);
            case "auto" when repository.Head is null:
                return await UncommittedAsync(repository, TargetMode.WorkingTree, given: false);
            case "auto":
                var status = await StatusAsync(repository, pathspecs);
                // Not known is not clean: the branch would be reviewed, and what was meant would not.
                if (!status.Succeeded)
                    return CommandError.Usage($"Git cannot tell what is uncommitted: {status.Complaint}", "Name what to review: --scope working-tree, or --base REF.");
                return status.Output.Length > 0
                    ? await UncommittedAsync(repository, TargetMode.WorkingTree, given: false)
                    : await DefaultBranchAsync(repository, given: false);
            default:
                return await DefaultBranchAsync(repository, request.ScopeGiven);
        }
    }

    private async Task<Attempt<ReviewTarget>> UncommittedAsync(Repository repository, TargetMode mode, bool given) => new ReviewTarget
    {
        Mode = mode,
        Repository = repository,
        Label = mode switch
        {
            TargetMode.Staged => "staged diff",
            TargetMode.Unstaged => "unstaged diff",
            _ => "working tree diff",
        },
        BaseSha = repository.Head,
        HeadSha = repository.Head,
        From = repository.Head ?? await _refs.EmptyTreeAsync(repository),
        Explicit = given,
    };

    private async Task<Attempt<ReviewTarget>> DefaultBranchAsync(Repository repository, bool given)
    {
        // All that such a branch will hold lies in the working tree.
        if (repository.Head is null)
            return await UncommittedAsync(repository, TargetMode.WorkingTree, given);
        return await _refs.FindDefaultBaseAsync(repository) is { } found
            ? await BranchAsync(repository, found, given)
            : CommandError.Usage("It cannot be told which branch this one left: there is no origin/HEAD and no branch main, master, trunk or develop.", "Name it: --base REF.");
    }

    private async Task<Attempt<ReviewTarget>> BranchAsync(Repository repository, string named, bool given)
    {
        if (repository.Head is not { } head)
            return CommandError.Usage("There is no commit yet, so there is nothing to compare with a base.", "Review the working tree instead: --scope working-tree.");
        var verified = await _refs.CommitAsync(repository, named, "--base");
        if (verified.Value is not { } commit)
            return verified.Error!;
        var merge = await _refs.MergeBaseAsync(repository, commit, head, named, "HEAD");
        return merge.Value is not { } mergeBase
            ? merge.Error!
            : new ReviewTarget
            {
                Mode = TargetMode.Branch,
                Repository = repository,
                Label = $"branch diff against {named}",
                BaseRef = named,
                BaseSha = mergeBase,
                HeadSha = head,
                From = mergeBase,
                Explicit = given,
            };
    }

    private async Task<Attempt<ReviewTarget>> CommitAsync(Repository repository, string named)
    {
        var verified = await _refs.CommitAsync(repository, named, "--commit");
        if (verified.Value is not { } sha)
            return verified.Error!;
        var parents = await git.RunAsync(repository.Root, stop, "rev-list", "--parents", "--max-count=1", sha);
        if (!parents.Succeeded)
            return CommandError.Usage($"Git cannot read the commit {named}: {parents.Complaint}");
        var parent = parents.Word.Split(' ') is [_, var first, ..] ? first : null;
        if (parent is null && repository.IsShallow)
            return CommandError.Usage($"The parent of {named} is missing: this clone is shallow.", "Fetch more of its past: git fetch --deepen=1");
        return new ReviewTarget
        {
            Mode = TargetMode.Commit,
            Repository = repository,
            Label = $"commit {Repository.Short(sha)}",
            BaseRef = null,
            BaseSha = parent,
            HeadSha = sha,
            From = parent ?? await _refs.EmptyTreeAsync(repository),
            Explicit = true,
        };
    }

    private async Task<Attempt<ReviewTarget>> RangeAsync(Repository repository, string range)
    {
        var dots = range.Contains("...", StringComparison.Ordinal) ? "..." : "..";
        if (range.Split(dots, 2) is not [var left, var right])
            return CommandError.Usage($"--range needs two commits as A...B (since B left A) or A..B, and got '{range}'.");
        // As in git, a side left out is HEAD.
        (left, right) = (left.Length == 0 ? "HEAD" : left, right.Length == 0 ? "HEAD" : right);
        var from = await _refs.CommitAsync(repository, left, "--range");
        if (from.Value is not { } leftSha)
            return from.Error!;
        var to = await _refs.CommitAsync(repository, right, "--range");
        if (to.Value is not { } rightSha)
            return to.Error!;
        if (dots == "...")
        {
            var merge = await _refs.MergeBaseAsync(repository, leftSha, rightSha, left, right);
            if (merge.Value is null)
                return merge.Error!;
            leftSha = merge.Value;
        }

        return new ReviewTarget
        {
            Mode = TargetMode.Range,
            Repository = repository,
            Label = $"range {range}",
            BaseRef = left,
            BaseSha = leftSha,
            HeadSha = rightSha,
            From = leftSha,
            Explicit = true,
        };
    }

    // Any change counts that a review of the working tree would show, in a submodule too.
    private Task<GitOutput> StatusAsync(Repository repository, IReadOnlyList<string> pathspecs) => git.ReadAsync(
        repository.Root, 1, stop, ["status", "--porcelain=v2", "-z", "--untracked-files=all", "--ignore-submodules=none", "--", .. pathspecs]);
}
