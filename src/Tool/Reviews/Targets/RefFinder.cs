using CodexCompanion.Pipeline;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Git;

namespace CodexCompanion.Tool.Reviews.Targets;

/// <summary>Verifies what people call commits, and finds what they did not name.</summary>
internal sealed class RefFinder(GitRunner git, CancellationToken stop)
{
    // What a main branch is usually called, in the order of likelihood.
    private static readonly string[] UsualNames = ["main", "master", "trunk", "develop"];

    /// <summary>The commit behind a name.</summary>
    /// <param name="repository">Where.</param>
    /// <param name="name">A branch, a tag, a commit's id; never taken for an option.</param>
    /// <param name="option">The option it came from, for the sentence.</param>
    public async Task<Attempt<string>> CommitAsync(Repository repository, string name, string option)
    {
        var found = await ShaAsync(repository, name);
        if (found is not null)
            return found;
        if (string.IsNullOrWhiteSpace(name))
            return CommandError.Usage($"{option} needs the name of a commit or branch.");
        if (await ShaAsync(repository, "origin/" + name) is not null)
            return CommandError.Usage($"{option} {name}: there is no such commit or branch here.", $"There is origin/{name}.");
        return CommandError.Usage(
            $"{option} {name}: there is no such commit or branch here.", await NearestAsync(repository, name) is { } near ? $"Did you mean '{near}'?" : null);
    }

    /// <summary>Where two commits parted.</summary>
    public async Task<Attempt<string>> MergeBaseAsync(Repository repository, string left, string right, string leftName, string rightName)
    {
        var found = await git.RunAsync(repository.Root, stop, "merge-base", left, right);
        if (found.Succeeded)
            return found.Word.Split('\n')[0];
        return repository.IsShallow
            ? CommandError.Usage($"{leftName} and {rightName} have no common ancestor in this clone, which is shallow.", "Fetch the rest of its past: git fetch --unshallow")
            : CommandError.Usage($"{leftName} and {rightName} have no common ancestor.", $"Compare them as they are: adversarial-review --range {leftName}..{rightName}");
    }

    /// <summary>The branch that HEAD most likely left; null when nothing speaks for one.</summary>
    public async Task<string?> FindDefaultBaseAsync(Repository repository)
    {
        var remote = await RemoteDefaultAsync(repository);
        if (remote is not null)
        {
            var local = remote["origin/".Length..];
            return await ShaAsync(repository, "refs/heads/" + local) is null || local == repository.Branch
                ? remote
                : await NearerAsync(repository, local, remote);
        }

        foreach (var prefix in (string[])["", "origin/"])
        {
            foreach (var name in UsualNames)
            {
                if (await ShaAsync(repository, (prefix.Length == 0 ? "refs/heads/" : "refs/remotes/") + prefix + name) is not null)
                    return prefix + name;
            }
        }

        return null;
    }

    /// <summary>The id of the empty tree, in the repository's own hash.</summary>
    public async Task<string> EmptyTreeAsync(Repository repository)
    {
        var made = await git.RunAsync(repository.Root, stop, "hash-object", "-t", "tree", "--stdin");
        return made.Word;
    }

    // What origin calls its default branch, as far as it was fetched.
    private async Task<string?> RemoteDefaultAsync(Repository repository)
    {
        var head = await git.RunAsync(repository.Root, stop, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD");
        return head.Succeeded && head.Word.StartsWith("origin/", StringComparison.Ordinal) && await ShaAsync(repository, "refs/remotes/" + head.Word) is not null
            ? head.Word
            : null;
    }

    // A local main may be months behind: then the remote one is where the branch came from. Or ahead, when nothing was pushed yet.
    private async Task<string> NearerAsync(Repository repository, string local, string remote)
    {
        var mine = await git.RunAsync(repository.Root, stop, "merge-base", local, "HEAD");
        var theirs = await git.RunAsync(repository.Root, stop, "merge-base", remote, "HEAD");
        if (!mine.Succeeded || !theirs.Succeeded)
            return mine.Succeeded ? local : remote;
        var isBehind = await git.RunAsync(repository.Root, stop, "merge-base", "--is-ancestor", mine.Word, theirs.Word);
        return isBehind.Succeeded && mine.Word != theirs.Word ? remote : local;
    }

    private async Task<string?> ShaAsync(Repository repository, string name)
    {
        var found = await git.RunAsync(repository.Root, stop, "rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}");
        // "^main" names all that is not in main, and git answers with its commit behind a caret.
        return found is { Succeeded: true, Word.Length: > 0 } && found.Word.All(char.IsAsciiHexDigit) ? found.Word : null;
    }

    private async Task<string?> NearestAsync(Repository repository, string name)
    {
        var all = await git.RunAsync(repository.Root, stop, "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes", "refs/tags");
        return all.Succeeded ? Suggestion.For(name, all.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)) : null;
    }
}
