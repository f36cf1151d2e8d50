using System.Globalization;
using System.Text;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Git;

namespace CodexCompanion.Tool.Hooks;

/// <summary>Tells whether a working tree has changed, by what git says of it and by size and time of every file that differs.</summary>
internal static class WorkingTreeFingerprint
{
    // git answers in tens of milliseconds; in the largest trees in seconds.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>The fingerprint; null where it cannot be told (no git, no repository).</summary>
    public static async Task<string?> OfAsync(ToolHost host, string root)
    {
        if (!Path.Exists(Path.Combine(root, ".git")) || GitProgram.Find(host.Variables).Value is not { } program)
            return null;
        var git = new GitRunner(program, host.Processes(), host.Time);
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            // A repository without commits has no HEAD, which is an answer, too.
            var head = await git.RunAsync(root, limit.Token, "rev-parse", "--verify", "--quiet", "HEAD");
            var status = await git.RunAsync(root, limit.Token, "status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all");
            return status.Succeeded ? Hash(root, head.Word, status.Parts) : null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private static string Hash(string root, string head, IReadOnlyList<string> parts)
    {
        var text = new StringBuilder(head).Append('\0');
        foreach (var part in parts.Where(part => part.Length > 3))
        {
            // Two letters, a blank, the path: relative to the root, whatever directory git was called in.
            var facts = new FileInfo(Path.Combine(root, part[3..]));
            text.Append(part).Append('\0');
            if (facts.Exists)
                text.Append(CultureInfo.InvariantCulture, $"{facts.Length} {facts.LastWriteTimeUtc.Ticks}").Append('\0');
        }

        return Convert.ToHexStringLower(Sha256.Hash(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
