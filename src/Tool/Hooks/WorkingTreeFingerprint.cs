using System.Globalization;
using System.Text;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Git;

namespace CodexCompanion.Tool.Hooks;

/// <summary>
/// Tells whether a working tree has changed, by what git says of it and by size and time of every file that differs, those of repositories
/// nested in it included: of such a one git says no more than that it differs.
/// </summary>
internal static class WorkingTreeFingerprint
{
    // git answers in tens of milliseconds; in the largest trees in seconds.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>The fingerprint; null where it cannot be told (no git, no repository).</summary>
    public static async Task<string?> OfAsync(ToolHost host, string root)
    {
        if (!Path.Exists(Path.Combine(root, ".git")) || GitProgram.Find(host.Variables).Value is not { } program)
            return null;
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            return await OfAsync(host, program, root, limit.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private static async Task<string?> OfAsync(ToolHost host, GitProgram program, string root, CancellationToken stop)
    {
        // One for each repository: it finds out which programs that one names.
        var git = new GitRunner(program, host.Processes(), host.Time);
        // A repository without commits has no HEAD, which is an answer, too.
        var head = await git.RunAsync(root, stop, "rev-parse", "--verify", "--quiet", "HEAD");
        var status = await git.RunAsync(root, stop, "status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all");
        if (!status.Succeeded)
            return null;
        var text = new StringBuilder(head.Word).Append('\0');
        foreach (var part in status.Parts.Where(part => part.Length > 3))
        {
            // Two letters, a blank, the path: relative to the root, whatever directory git was called in.
            var facts = new FileInfo(Path.Combine(root, Path.TrimEndingDirectorySeparator(part[3..])));
            text.Append(part).Append('\0');
            if (facts.Exists)
                text.Append(CultureInfo.InvariantCulture, $"{facts.Length} {facts.LastWriteTimeUtc.Ticks}").Append('\0');
            else if (facts.LinkTarget is null && Path.Exists(Path.Combine(facts.FullName, ".git")))
            {
                if (await OfAsync(host, program, facts.FullName, stop) is not { } nested)
                    return null;
                text.Append(nested).Append('\0');
            }
        }

        return Convert.ToHexStringLower(Sha256.Hash(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
