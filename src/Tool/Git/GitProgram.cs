using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.Tool.CommandLine;

namespace CodexCompanion.Tool.Git;

/// <summary>
/// The git of the caller's PATH, started by its absolute path and without a shell. What the user or a repository configured must not change
/// what we read, nor start anything: settings that would are overruled on each command line, and the variables by which a hook tells git
/// about <em>its</em> repository are kept away from ours.
/// </summary>
/// <param name="path">The program, absolute.</param>
/// <param name="environment">The environment its processes get.</param>
internal sealed class GitProgram(string path, IReadOnlyDictionary<string, string> environment)
{
    // One switch each for what would colour, page, quote or run something: fsmonitor and hooks are programs named by a repository.
    private static readonly string[] Always =
    [
        "--no-pager", "--no-optional-locks",
        "-c", "core.quotePath=false",
        "-c", "color.ui=false",
        "-c", "core.fsmonitor=false",
        "-c", "core.hooksPath=/dev/null",
        "-c", "core.attributesFile=/dev/null",
        "-c", "diff.orderFile=/dev/null",
        "-c", "diff.suppressBlankEmpty=false",
        "-c", "diff.autoRefreshIndex=true",
        "-c", "submodule.recurse=false",
        "-c", "protocol.ext.allow=never",
        "-c", "log.showSignature=false",
        // Beyond this git takes a file for binary and reads it through a small window. Comparing 128 MiB of text takes 3 s and 560 MiB; at git's own
        // limit, 512 MiB, it is four times that.
        "-c", "core.bigFileThreshold=128m",
        // To learn the id of such a file git packs it, though nobody keeps the pack: 45 s for a gigabyte with compression, 6 s without.
        "-c", "core.compression=0",
        "-c", "pack.compression=0",
    ];

    // As `git rev-parse --local-env-vars` lists them, and what else would change the output.
    private static readonly string[] NotForUs =
    [
        "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CONFIG", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT", "GIT_OBJECT_DIRECTORY", "GIT_DIR",
        "GIT_WORK_TREE", "GIT_IMPLICIT_WORK_TREE", "GIT_GRAFT_FILE", "GIT_INDEX_FILE", "GIT_NO_REPLACE_OBJECTS", "GIT_REPLACE_REF_BASE",
        "GIT_PREFIX", "GIT_SHALLOW_FILE", "GIT_COMMON_DIR", "GIT_INTERNAL_SUPER_PREFIX", "GIT_NAMESPACE", "GIT_CEILING_DIRECTORIES",
        "GIT_ATTR_SOURCE", "GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS", "GIT_PAGER", "PAGER", "GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS",
        "GIT_ICASE_PATHSPECS", "GIT_EDITOR", "GIT_FLUSH", "GIT_REDIRECT_STDIN", "GIT_REDIRECT_STDOUT", "GIT_REDIRECT_STDERR",
    ];

    /// <summary>The program.</summary>
    public string Path { get; } = path;

    private IReadOnlyList<string> Overruled { get; init; } = [];

    /// <summary>Looks for git on the caller's PATH; the current directory is never looked into.</summary>
    public static Attempt<GitProgram> Find(IReadOnlyDictionary<string, string> variables) =>
        new ProgramSearch(variables).OnPath("git") is { } found
            ? new GitProgram(found, EnvironmentOf(variables))
            : CommandError.Usage("Git was not found on PATH; a review needs it.", "Install git, then give the command again.");

    /// <summary>This git as it may be used in a repository that names programs of its own.</summary>
    /// <param name="overruled">Switches that take them out.</param>
    /// <param name="mayFetch">Whether it may fetch what a partial clone lacks.</param>
    public GitProgram With(IReadOnlyList<string> overruled, bool mayFetch) =>
        // No protocol has that name: every fetch is refused before it starts anything.
        new(Path, mayFetch ? environment : new Dictionary<string, string>(environment, StringComparer.Ordinal) { ["GIT_ALLOW_PROTOCOL"] = "none" })
        {
            Overruled = [.. Overruled, .. overruled],
        };

    /// <summary>Starts git in a directory.</summary>
    /// <returns>The running process, or why it did not start.</returns>
    public ChildStartResult Start(string directory, IEnumerable<string> arguments, IProcessTable processes) =>
        ChildProcess.Start(new ChildStart(Path, [.. Always, .. Overruled, .. arguments], environment, directory), processes);

    private static Dictionary<string, string> EnvironmentOf(IReadOnlyDictionary<string, string> variables)
    {
        var kept = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in variables)
        {
            var unwanted = NotForUs.Contains(name, StringComparer.Ordinal)
                || name.StartsWith("GIT_TRACE", StringComparison.Ordinal)
                || name.StartsWith("GIT_CONFIG_KEY_", StringComparison.Ordinal)
                || name.StartsWith("GIT_CONFIG_VALUE_", StringComparison.Ordinal);
            if (!unwanted)
                kept[name] = value;
        }

        kept["LC_ALL"] = "C"; // The sentences we look for are the English ones.
        kept["GIT_TERMINAL_PROMPT"] = "0";
        return kept;
    }
}
