using System.Text;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.Tool.CommandLine;

namespace CodexCompanion.Tool.Git;

/// <summary>
/// The programs that a repository's own configuration has git start while it compares: filters for the contents of files (they run as soon as the
/// working tree is read), and what helps to fetch. Such a file is not cloned, yet it comes with every archive of a whole repository. What the
/// user configured for all repositories, git-lfs above all, stays: it is the user's own.
/// </summary>
/// <param name="run">Runs git in a directory, as it is.</param>
internal sealed class NamedPrograms(Func<string, string[], Task<GitOutput>> run)
{
    private const string Filter = "filter.";
    private const string Lfs = "lfs";

    // git writes section and last word small; what stands between them is as it was written. Extensions of git-lfs are programs, too.
    private const string Keys =
        @"^(filter\..*|lfs\.extension\..*|core\.(sshcommand|gitproxy|askpass|alternaterefscommand)|credential\..*|remote\..*\.(uploadpack|vcs)|protocol\..*)$";

    // "160000 " begins the entry of a repository in the index.
    private static readonly byte[] Nested = Encoding.ASCII.GetBytes("160000 ");

    private const int NothingThere = 1; // The exit code of "git config" then.

    // git has it since 2.26; before, nobody can tell the user's own configuration from the repository's.
    private const string ShowScope = "--show-scope";

    private readonly HashSet<string> _filters = new(StringComparer.Ordinal);
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private bool _mayFetch = true;

    /// <summary>A git that starts none of them in the repository of a directory and in those nested in it, or why there is none.</summary>
    public async Task<Attempt<GitProgram>> OverruleAsync(GitProgram git, string directory)
    {
        if (await LookAsync(directory) is { } problem)
            return problem;
        // The name of a switch ends at the first sign of equality: such a filter cannot be named, and nobody but an attacker calls it so.
        if (_filters.FirstOrDefault(name => name.Contains('=', StringComparison.Ordinal)) is { } unnameable)
            return CommandError.Usage($"the repository's configuration has a filter '{Plain(unnameable)}', which cannot be turned off");
        return git.With([.. _filters.SelectMany(Without)], _mayFetch);
    }

    // What is nested is asked for its state by a git of its own, which reads the configuration there.
    private async Task<CommandError?> LookAsync(string directory)
    {
        var named = await run(directory, ["config", "-z", ShowScope, "--name-only", "--get-regexp", Keys]);
        if (!named.Succeeded && named.Exit.Code != NothingThere)
            return CommandError.Usage(named.Complaint.Contains(ShowScope[2..], StringComparison.Ordinal) ? "reviews need git 2.26 or newer" : Reason(named.Complaint));
        var parts = named.Parts;
        for (var at = 0; at + 1 < parts.Count; at += 2)
            Note(parts[at], parts[at + 1]);

        var top = await run(directory, ["rev-parse", "--show-toplevel"]);
        if (!top.Succeeded || !_seen.Add(CanonicalPath.Of(top.Word)))
            return null; // Without a working tree no content is filtered.
        var index = await run(top.Word, ["ls-files", "--stage", "-z"]);
        foreach (var path in NestedIn(index.Output))
        {
            // No program of .NET can be given such a name: what lies there cannot be asked, and git would go into it all the same.
            if (!GitName.IsUtf8(path))
                return CommandError.Usage($"the name of the nested repository '{Plain(path)}' is not UTF-8, so that it cannot be told which programs its configuration names");
            var nested = Path.Combine(top.Word, path);
            if (Path.Exists(Path.Combine(nested, ".git")) && await LookAsync(nested) is { } problem)
                return problem;
        }

        return null;
    }

    private void Note(string scope, string key)
    {
        if (scope is not ("local" or "worktree"))
            return;
        if (key.StartsWith(Filter, StringComparison.Ordinal))
        {
            var end = key.LastIndexOf('.');
            if (end > Filter.Length)
                _filters.Add(key[Filter.Length..end]);
        }
        else if (key.StartsWith(Lfs, StringComparison.Ordinal))
        {
            _filters.Add(Lfs);
        }
        else
        {
            _mayFetch = false;
        }
    }

    // "mode id stage", a tab, the path; the list of a large repository is not worth a string an entry.
    private static List<string> NestedIn(byte[] index)
    {
        var found = new List<string>();
        for (var rest = index.AsSpan(); rest.Length > 0;)
        {
            var end = rest.IndexOf((byte)0);
            var entry = end < 0 ? rest : rest[..end];
            if (entry.StartsWith(Nested) && entry.IndexOf((byte)'\t') is > 0 and var tab)
                found.Add(GitName.Of(entry[(tab + 1)..]));
            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        return found;
    }

    private static IEnumerable<string> Without(string filter) =>
        ["-c", $"filter.{filter}.clean=", "-c", $"filter.{filter}.smudge=", "-c", $"filter.{filter}.process=", "-c", $"filter.{filter}.required=false"];

    private static string Plain(string name) => Rendering.Plain.OneLine(name);

    private static string Reason(string complaint) => complaint.StartsWith("fatal: ", StringComparison.Ordinal) ? complaint["fatal: ".Length..] : complaint;
}
