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
            return CommandError.Usage($"Git cannot compare {target.Compared}: {raw.Complaint}");
        var numbers = await git.RunAsync(root, stop, ["diff", .. DiffFlags.Common, "--numstat", "-z", .. target.Revisions, "--", .. target.Pathspecs]);
        var files = ChangedFile.WithCounts(ChangedFile.ReadRaw(raw.Parts), numbers.Succeeded ? numbers.Parts : []);
        if (!target.WithUntracked)
            return new Attempt<IReadOnlyList<ChangedFile>>(files, Error: null);

        var others = await git.RunAsync(root, stop, ["ls-files", "--others", "--exclude-standard", "-z", "--", .. target.Pathspecs]);
        return others.Succeeded
            ? new Attempt<IReadOnlyList<ChangedFile>>([.. files, .. others.Parts.Select(path => new ChangedFile(path, ChangeKind.Untracked))], Error: null)
            : CommandError.Usage($"Git cannot list the untracked files: {others.Complaint}");
    }

    /// <summary>The patch of the files git tracks, at most so many bytes of it.</summary>
    public Task<GitOutput> PatchAsync(ReviewTarget target, int most) => git.ReadAsync(
        target.Repository.Root, most, stop, ["diff", .. DiffFlags.Patch, .. target.Revisions, "--", .. target.Pathspecs]);
}
