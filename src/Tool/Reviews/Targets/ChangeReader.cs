using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Git;

namespace CodexCompanion.Tool.Reviews.Targets;

/// <summary>Lists what a target changes.</summary>
internal sealed class ChangeReader(GitRunner git, CancellationToken stop)
{
    /// <summary>The files, in git's order, those that git does not track at the end.</summary>
    public async Task<Attempt<IReadOnlyList<ChangedFile>>> ReadAsync(ReviewTarget target)
    {
        var root = target.Repository.Root;
        var raw = await git.RunAsync(root, stop, ["diff", .. DiffFlags.Common, "--raw", "-z", "--no-abbrev", .. target.Revisions, "--", .. target.Pathspecs]);
        if (!raw.Succeeded)
            return CommandError.Usage($"Git cannot compare {target.Compared}: {raw.Complaint}", HintOf(raw));
        // The first command that surely reads contents: a partial clone fetches here what it lacks. What it cannot fetch here is not fetched in the
        // reviewer's sandbox either, which has no network. Any other trouble (a file that may not be read) leaves the rest to review.
        var numbers = await git.RunAsync(root, stop, ["diff", .. DiffFlags.Common, "--numstat", "-z", .. target.Revisions, "--", .. target.Pathspecs]);
        if (!numbers.Succeeded && HintOf(numbers) is { } hint)
            return CommandError.Usage($"Git cannot read the contents of {target.Compared}: {numbers.Complaint}", hint);
        var files = ChangedFile.WithCounts(ChangedFile.ReadRaw(raw.Parts), numbers.Succeeded ? numbers.Parts : []);
        if (!target.WithUntracked)
            return new Attempt<IReadOnlyList<ChangedFile>>(files, Error: null);

        files = await WithConflictsAsync(target, files);
        var others = await git.RunAsync(root, stop, ["ls-files", "--others", "--exclude-standard", "-z", "--", .. target.Pathspecs]);
        return others.Succeeded
            ? new Attempt<IReadOnlyList<ChangedFile>>([.. files, .. others.Parts.Select(path => new ChangedFile(path, ChangeKind.Untracked))], Error: null)
            : CommandError.Usage($"Git cannot list the untracked files: {others.Complaint}");
    }

    private static string? HintOf(GitOutput failed) => failed.Errors.Contains("promisor remote", StringComparison.Ordinal)
        ? "This is a partial clone, and its remote does not answer. Make it reachable, or fetch all that is missing: git fetch --refetch --no-filter"
        : null;

    // Compared with a commit a file in conflict reads as merely changed; the index knows better.
    private async Task<IReadOnlyList<ChangedFile>> WithConflictsAsync(ReviewTarget target, IReadOnlyList<ChangedFile> files)
    {
        var unmerged = await git.RunAsync(target.Repository.Root, stop, ["ls-files", "--unmerged", "-z", "--", .. target.Pathspecs]);
        var paths = unmerged.Parts.Select(part => part[(part.IndexOf('\t', StringComparison.Ordinal) + 1)..]).ToHashSet(StringComparer.Ordinal);
        return paths.Count == 0 ? files : [.. files.Select(file => paths.Contains(file.Path) ? file with { Kind = ChangeKind.Unmerged } : file)];
    }

    /// <summary>The patch of the files git tracks, at most so many bytes of it.</summary>
    public Task<GitOutput> PatchAsync(ReviewTarget target, int most) => git.ReadAsync(
        target.Repository.Root, most, stop, ["diff", .. DiffFlags.Patch, .. target.Revisions, "--", .. target.Pathspecs]);
}
