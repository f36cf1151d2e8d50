using CodexCompanion.EndToEnd.Tests.Codex;
using CodexCompanion.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace CodexCompanion.EndToEnd.Tests.Tool;

/// <summary>A writing task in a linked worktree, in codex's own sandbox and with git itself.</summary>
public sealed class WorktreeTests(ITestOutputHelper output) : ToolTests(output)
{
    // The repository lies in a temp folder here, which codex's sandbox leaves writable unless it is told otherwise.
    private static readonly string[] NoTemp = ["-c", "sandbox_workspace_write.exclude_slash_tmp=true", "-c", "sandbox_workspace_write.exclude_tmpdir_env_var=true"];

    [RealCodexTheory, BothVersions]
    public async Task Commits_work_and_hooks_and_configuration_stay_out_of_reach(string version)
    {
        var user = await UseAsync(version);
        var (main, tree) = (Path.Combine(user.Home.Root, "main"), Path.Combine(user.Home.Root, "tree"));
        await GitAsync(user, user.Home.Root, "init", "-q", main);
        await GitAsync(user, main, "config", "user.email", "somebody@example.com");
        await GitAsync(user, main, "config", "user.name", "Somebody");
        await GitAsync(user, main, "commit", "-q", "--allow-empty", "-m", "first");
        await GitAsync(user, main, "worktree", "add", "-q", tree);

        string[] options = ["--cwd", tree, "--no-broker", .. user.WriteOptions, .. NoTemp];

        var task = await user.TaskAsync(
            [.. options, "stub: shell echo new > new.txt && git add new.txt && git commit -qm second && git checkout -qb other"]);
        await user.TaskAsync([.. options, "--thread", task.ThreadId, "stub: shell echo more >> new.txt && git commit -qam third"]);

        Assert.Equal("third\nsecond\nfirst\n", (await GitAsync(user, tree, "log", "--format=%s", "other")).Output);
        if (!user.WriteOptions.Contains("--write"))
            return; // Codex's sandbox does not work on this machine, so there is nothing it could keep out.
        await user.TaskAsync([.. options, "stub: shell touch ../main/.git/hooks/post-checkout; git config alias.a b; touch ../main/.git/x"]);
        Assert.False(File.Exists(Path.Combine(main, ".git", "hooks", "post-checkout")));
        Assert.False(File.Exists(Path.Combine(main, ".git", "x")));
        Assert.DoesNotContain("alias", await File.ReadAllTextAsync(Path.Combine(main, ".git", "config")), StringComparison.Ordinal);
    }

    private static async Task<ProgramRun> GitAsync(ToolUser user, string directory, params string[] arguments)
    {
        await using var git = RunningProgram.Start("/usr/bin/env", ["git", .. arguments], user.Home.Environ(), directory);
        var run = await git.EndAsync();
        Assert.True(run.ExitCode == 0, run.ToString());
        return run;
    }
}
