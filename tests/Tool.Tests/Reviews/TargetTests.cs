using CodexCompanion.Tool.Reviews.Content;
using CodexCompanion.Tool.Reviews.Targets;
using Xunit;

namespace CodexCompanion.Tool.Tests.Reviews;

public sealed class TargetTests : IDisposable
{
    private readonly ReviewBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Uncommitted_changes_come_before_the_branch()
    {
        var head = _bench.Commit();
        _bench.Write("new.txt", "new\n");

        var target = (await _bench.ResolveAsync()).Value!;

        Assert.Equal(TargetMode.WorkingTree, target.Mode);
        Assert.Equal(head, target.BaseSha);
        Assert.False(target.Explicit);
    }

    [Fact]
    public async Task From_a_subdirectory_the_target_is_the_same_as_from_the_root()
    {
        _bench.Write("pkg/a.txt", "a\n");
        _bench.Commit();
        _bench.Write("elsewhere.txt", "only this is new\n");

        var target = (await _bench.ResolveAsync(cwd: Path.Combine(_bench.Work, "pkg"))).Value!;

        Assert.Equal(TargetMode.WorkingTree, target.Mode);
        Assert.Contains("elsewhere.txt", (await _bench.ContextAsync(target)).Prompt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clean_branch_is_compared_with_where_it_left_the_default_branch()
    {
        var fork = _bench.Commit();
        _bench.Git("checkout", "--quiet", "-b", "topic");
        _bench.Write("topic.txt", "t\n");
        var head = _bench.Commit();
        _bench.Git("checkout", "--quiet", "main");
        _bench.Write("main.txt", "m\n");
        _bench.Commit();
        _bench.Git("checkout", "--quiet", "topic");

        var target = (await _bench.ResolveAsync()).Value!;

        Assert.Equal((TargetMode.Branch, "main", fork, head), (target.Mode, target.BaseRef, target.BaseSha, target.HeadSha));
        Assert.Equal("branch diff against main", target.Label);
    }

    [Fact]
    public async Task The_remote_branch_is_the_base_when_the_local_one_is_missing()
    {
        await WithOriginAsync(async clone =>
        {
            _bench.GitIn(clone, "checkout", "--quiet", "-b", "topic");
            _bench.GitIn(clone, "branch", "--quiet", "-D", "main");
            _bench.CommitIn(clone, "topic.txt");

            var target = (await _bench.ResolveAsync(cwd: clone)).Value!;

            Assert.Equal("origin/main", target.BaseRef);
        });
    }

    [Fact]
    public async Task The_remote_branch_is_the_base_when_the_local_one_is_stale()
    {
        await WithOriginAsync(async clone =>
        {
            _bench.Write("later.txt", "l\n");
            var later = _bench.Commit();
            _bench.GitIn(clone, "fetch", "--quiet");
            _bench.GitIn(clone, "checkout", "--quiet", "-b", "topic", "origin/main");
            _bench.CommitIn(clone, "topic.txt");

            var target = (await _bench.ResolveAsync(cwd: clone)).Value!;

            Assert.Equal(("origin/main", later), (target.BaseRef, target.BaseSha));
        });
    }

    [Fact]
    public async Task A_repository_without_a_commit_is_compared_with_the_empty_tree()
    {
        _bench.Write("first.txt", "f\n");
        _bench.Git("add", "first.txt");
        _bench.Write("second.txt", "s\n");

        var target = (await _bench.ResolveAsync()).Value!;
        var prompt = (await _bench.ContextAsync(target)).Prompt;

        Assert.Null(target.BaseSha);
        Assert.Contains("+f", prompt, StringComparison.Ordinal);
        Assert.Contains("second.txt", prompt, StringComparison.Ordinal);
        Assert.Equal(target, (await _bench.ResolveAsync("branch")).Value! with { Explicit = false, Pathspecs = target.Pathspecs, Paths = target.Paths });
        Assert.Contains("no commit yet", (await _bench.ResolveAsync(@base: "main")).Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_detached_head_has_targets_too()
    {
        _bench.Commit();
        _bench.Git("checkout", "--quiet", "--detach");
        _bench.Write("a.txt", "a\n");
        var head = _bench.Commit();

        var target = (await _bench.ResolveAsync(@base: "main")).Value!;

        Assert.Equal(head, target.HeadSha);
        Assert.Contains("detached HEAD", target.Compared, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("base", "nope")]
    [InlineData("base", "--output=/tmp/x")]
    [InlineData("commit", "0123456789012345678901234567890123456789")]
    [InlineData("range", "main...nope")]
    [InlineData("range", "nope")]
    public async Task What_is_no_commit_is_refused_before_anything_starts(string kind, string name)
    {
        _bench.Commit();

        var refused = kind switch
        {
            "base" => await _bench.ResolveAsync(@base: name),
            "commit" => await _bench.ResolveAsync(commit: name),
            _ => await _bench.ResolveAsync(range: name),
        };

        Assert.Equal(ExitCodes.Usage, refused.Error!.ExitCode);
    }

    [Fact]
    public async Task A_misspelt_branch_is_suggested()
    {
        _bench.Commit();
        _bench.Git("branch", "release-2");

        Assert.Equal("Did you mean 'release-2'?", (await _bench.ResolveAsync(@base: "relaese-2")).Error!.Hint);
    }

    [Fact]
    public async Task What_names_no_commit_but_all_that_is_not_in_one_is_refused()
    {
        _bench.Commit();

        foreach (var refused in (Tool.CommandLine.Attempt<ReviewTarget>[])[
            await _bench.ResolveAsync(@base: "^main"), await _bench.ResolveAsync(commit: "^main"), await _bench.ResolveAsync(range: "^main..main")])
            Assert.Contains("^main: there is no such commit or branch here.", refused.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commits_that_have_nothing_in_common_are_named_with_what_compares_them()
    {
        _bench.Commit();
        _bench.Git("checkout", "--quiet", "--orphan", "other");
        _bench.Commit("another first one");

        var refused = (await _bench.ResolveAsync(range: "...main")).Error!;

        Assert.Equal("HEAD and main have no common ancestor.", refused.Message);
        Assert.Equal("Compare them as they are: adversarial-review --range HEAD..main", refused.Hint);
    }

    [Fact]
    public async Task A_commit_is_compared_with_its_parent_and_the_first_one_with_nothing()
    {
        _bench.Write("a.txt", "one\n");
        var first = _bench.Commit();
        _bench.Write("a.txt", "two\n");
        var second = _bench.Commit();
        _bench.Write("a.txt", "dirty\n");

        var target = (await _bench.ResolveAsync(commit: "HEAD")).Value!;
        var root = (await _bench.ResolveAsync(commit: first)).Value!;

        Assert.Equal((first, second), (target.BaseSha, target.HeadSha));
        Assert.DoesNotContain("dirty", (await _bench.ContextAsync(target)).Prompt, StringComparison.Ordinal);
        Assert.Null(root.BaseSha);
        Assert.Contains("+one", (await _bench.ContextAsync(root)).Prompt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Three_dots_begin_where_the_two_parted_and_two_dots_do_not()
    {
        var fork = _bench.Commit();
        _bench.Git("checkout", "--quiet", "-b", "topic");
        var topic = _bench.Commit("on topic");
        _bench.Git("checkout", "--quiet", "main");
        var main = _bench.Commit("on main");

        var three = (await _bench.ResolveAsync(range: "main...topic")).Value!;
        var two = (await _bench.ResolveAsync(range: "main..topic")).Value!;

        Assert.Equal((fork, topic), (three.BaseSha, three.HeadSha));
        Assert.Equal((main, topic), (two.BaseSha, two.HeadSha));
    }

    [Fact]
    public async Task Staged_and_unstaged_changes_are_told_apart()
    {
        _bench.Write("a.txt", "old\n");
        _bench.Commit();
        _bench.Write("a.txt", "staged\n");
        _bench.Git("add", "a.txt");
        _bench.Write("a.txt", "unstaged\n");

        var staged = (await _bench.ContextAsync((await _bench.ResolveAsync("staged")).Value!)).Prompt;
        var unstaged = (await _bench.ContextAsync((await _bench.ResolveAsync("unstaged")).Value!)).Prompt;

        Assert.Contains("-old\n+staged", staged, StringComparison.Ordinal);
        Assert.Contains("-staged\n+unstaged", unstaged, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Paths_are_taken_from_where_the_user_stands_and_meant_literally()
    {
        _bench.Write("pkg/[id].ts", "a\n");
        _bench.Write("pkg/i.ts", "b\n");
        _bench.Write("other.ts", "c\n");
        _bench.Commit();
        foreach (var name in (string[])["pkg/[id].ts", "pkg/i.ts", "other.ts"])
            _bench.Write(name, "changed " + name + "\n");
        var pkg = Path.Combine(_bench.Work, "pkg");

        var literal = (await _bench.ContextAsync((await _bench.ResolveAsync("working-tree", cwd: pkg, paths: ["[id].ts"])).Value!)).Prompt;
        var pattern = (await _bench.ContextAsync((await _bench.ResolveAsync("working-tree", cwd: pkg, paths: ["i*.ts"])).Value!)).Prompt;

        Assert.Contains("changed pkg/[id].ts", literal, StringComparison.Ordinal);
        Assert.DoesNotContain("changed pkg/i.ts", literal, StringComparison.Ordinal);
        Assert.DoesNotContain("changed other.ts", literal, StringComparison.Ordinal);
        Assert.Contains("changed pkg/i.ts", pattern, StringComparison.Ordinal);
        await Assert.AllAsync((string[])["../outside", "", "a\0b"], async path => Assert.Equal(ExitCodes.Usage, (await _bench.ResolveAsync(paths: [path])).Error!.ExitCode));
    }

    [LinuxFact]
    public async Task The_reviewer_who_stands_at_the_root_is_told_where_the_paths_lead_from_there()
    {
        _bench.Write("pkg/it's one.ts", "a\n");
        _bench.Write("pkg/two.ts", "b\n");
        _bench.Commit();
        _bench.Write("pkg/it's one.ts", "changed\n");
        _bench.Write("pkg/two.ts", "changed\n");

        var target = (await _bench.ResolveAsync("working-tree", cwd: Path.Combine(_bench.Work, "pkg"), paths: ["it's one.ts", "t*.ts"])).Value!;
        var prompt = (await _bench.ContextAsync(target, Inlining.Never)).Prompt;
        _bench.Shell($"{target.DiffCommand.Replace("git diff", "git diff --name-only", StringComparison.Ordinal)} >'{_bench.Tool.Root}/names'");

        Assert.Equal(["it's one.ts", "t*.ts"], target.Paths);
        Assert.Contains("Only below: \"pkg/it's one.ts\", \"pkg/t*.ts\".", prompt, StringComparison.Ordinal);
        Assert.Contains($"`{target.DiffCommand}`", prompt, StringComparison.Ordinal);
        Assert.Equal("pkg/it's one.ts\npkg/two.ts\n", File.ReadAllText(Path.Combine(_bench.Tool.Root, "names")));
    }

    [Fact]
    public async Task What_is_no_repository_is_said_in_a_sentence()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_bench.Tool.Root, "plain")).FullName;

        var refused = await _bench.ResolveAsync(cwd: folder);

        Assert.Equal(ExitCodes.Usage, refused.Error!.ExitCode);
        Assert.Contains("does not belong to a Git repository", refused.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hook_of_another_repository_does_not_lead_git_astray()
    {
        _bench.Commit();
        _bench.Write("mine.txt", "m\n");
        _bench.Tool.Variables["GIT_DIR"] = Path.Combine(_bench.Tool.Root, "not-there");
        _bench.Tool.Variables["GIT_INDEX_FILE"] = Path.Combine(_bench.Tool.Root, "no-index");

        Assert.Equal(_bench.Work, (await _bench.ResolveAsync()).Value!.Repository.Root);
    }

    private async Task WithOriginAsync(Func<string, Task> test)
    {
        _bench.Commit();
        var clone = Path.Combine(_bench.Tool.Root, "clone");
        _bench.GitIn(_bench.Tool.Root, "clone", "--quiet", _bench.Work, clone);
        await test(clone);
    }
}
