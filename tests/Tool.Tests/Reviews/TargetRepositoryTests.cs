using System.Diagnostics;
using System.Globalization;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.Tool.Git;
using CodexCompanion.Tool.Reviews.Targets;
using Xunit;

namespace CodexCompanion.Tool.Tests.Reviews;

/// <summary>Repositories that are not just a folder with all of its history.</summary>
public sealed class TargetRepositoryTests : IDisposable
{
    private readonly ReviewBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_linked_worktree_is_reviewed_for_itself()
    {
        _bench.Commit();
        var linked = Path.Combine(_bench.Tool.Root, "linked");
        _bench.Git("worktree", "add", "--quiet", "-b", "side", linked);
        File.WriteAllText(Path.Combine(linked, "side.txt"), "s\n");

        var target = (await _bench.ResolveAsync(cwd: linked)).Value!;

        Assert.Equal((TargetMode.WorkingTree, linked), (target.Mode, target.Repository.Root));
        Assert.Equal("side", target.Repository.Branch);
    }

    [Fact]
    public async Task A_tree_of_which_git_cannot_tell_is_not_taken_for_clean()
    {
        _bench.Write("a.txt", "one\n");
        _bench.Commit();
        _bench.Write("a.txt", "two\n");
        await File.WriteAllTextAsync(Path.Combine(_bench.Work, ".git", "index"), "torn");

        var refused = await _bench.ResolveAsync();

        Assert.StartsWith("Git cannot tell what is uncommitted: ", refused.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_shallow_clone_says_what_to_fetch()
    {
        _bench.Commit("one");
        _bench.Write("a.txt", "a\n");
        _bench.Commit("two");
        var clone = Path.Combine(_bench.Tool.Root, "shallow");
        _bench.GitIn(_bench.Tool.Root, "clone", "--quiet", "--depth=1", new Uri(_bench.Work).AbsoluteUri, clone);

        var refused = await _bench.ResolveAsync(commit: "HEAD", cwd: clone);

        Assert.Contains("shallow", refused.Error!.Message, StringComparison.Ordinal);
        Assert.Contains("git fetch", refused.Error.Hint!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_partial_clone_fetches_what_it_lacks_and_says_so_when_it_cannot()
    {
        _bench.Git("config", "uploadpack.allowFilter", "true");
        _bench.Git("config", "uploadpack.allowAnySHA1InWant", "true");
        _bench.Write("a.txt", "one\n");
        _bench.Commit("one");
        _bench.Write("a.txt", "two\n");
        _bench.Commit("two");
        var (clone, moved) = (Path.Combine(_bench.Tool.Root, "partial"), Path.Combine(_bench.Tool.Root, "moved"));
        _bench.GitIn(_bench.Tool.Root, "clone", "--quiet", "--filter=blob:none", "--no-checkout", new Uri(_bench.Work).AbsoluteUri, clone);
        var target = (await _bench.ResolveAsync(range: "HEAD~1..HEAD", cwd: clone)).Value!;

        Directory.Move(_bench.Work, moved);
        var without = await new ChangeReader(_bench.Runner, CancellationToken.None).ReadAsync(target);
        Directory.Move(moved, _bench.Work);
        Assert.Contains("cannot read", without.Error!.Message, StringComparison.Ordinal);
        Assert.Contains("git fetch", without.Error.Hint!, StringComparison.Ordinal);

        Assert.Contains("+two", (await _bench.ContextAsync(target)).Prompt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_waits_for_git_is_told_for_what()
    {
        _bench.Commit();
        var said = new List<string>();
        var git = new GitRunner(GitProgram.Find(_bench.Tool.Variables).Value!, new ProcessTable(), new ImpatientTime()) { Slow = said.Add };

        await git.RunAsync(_bench.Work, CancellationToken.None, "status");

        Assert.Contains($"Still waiting for git status in {_bench.Work}; large files and slow disks take their time.", said);
    }

    [LinuxFact]
    public async Task What_git_leaves_behind_with_its_error_output_is_not_waited_for()
    {
        _bench.Commit();
        var left = Path.Combine(_bench.Tool.Root, "left");
        _bench.UseGitThat($"case \"$*\" in *' status') sleep 1000 </dev/null >/dev/null & echo $! >'{left}'; echo 'fatal: so much' >&2; exit 1;; esac");
        try
        {
            var end = await _bench.Runner.RunAsync(_bench.Work, CancellationToken.None, "status").WaitAsync(TimeSpan.FromMinutes(1));

            Assert.Equal("fatal: so much", end.Complaint);
        }
        finally
        {
            using var sleeper = Process.GetProcessById(int.Parse(File.ReadAllText(left), CultureInfo.InvariantCulture));
            sleeper.Kill();
        }
    }

    [LinuxFact]
    public async Task A_signal_ends_the_git_that_still_compares()
    {
        _bench.Commit();
        var compares = Path.Combine(_bench.Tool.Root, "compares");
        _bench.Shell($"mkfifo '{compares}'");
        _bench.UseGitThat($"case \"$*\" in *' status '*) echo $$ >'{compares}'; exec sleep 1000;; esac");

        var run = _bench.Tool.RunAsync("review", "--json");
        using var git = Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(compares), CultureInfo.InvariantCulture));
        _bench.Tool.Signals.Send(2);
        var end = await run.WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal((130, "cancelled"), (end.ExitCode, end.Json.GetProperty("error").GetProperty("code").GetString()));
        await git.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Empty(_bench.Tool.Store.ListJobs());
    }

    [Fact]
    public async Task A_changed_submodule_is_a_change()
    {
        var inner = Path.Combine(_bench.Tool.Root, "inner");
        _bench.GitIn(_bench.Tool.Root, "init", "--quiet", "--initial-branch=main", inner);
        _bench.CommitIn(inner, "i.txt");
        _bench.Git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner, "sub");
        _bench.Commit();
        _bench.CommitIn(Path.Combine(_bench.Work, "sub"), "more.txt");

        var target = (await _bench.ResolveAsync()).Value!;
        var prompt = (await _bench.ContextAsync(target)).Prompt;

        Assert.Equal(TargetMode.WorkingTree, target.Mode);
        Assert.Contains("sub (submodule)", prompt, StringComparison.Ordinal);
        Assert.Contains("+Subproject commit", prompt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_merge_in_progress_shows_what_is_in_conflict()
    {
        _bench.Write("a.txt", "base\n");
        _bench.Commit();
        _bench.Git("checkout", "--quiet", "-b", "topic");
        _bench.Write("a.txt", "theirs\n");
        _bench.Commit();
        _bench.Git("checkout", "--quiet", "main");
        _bench.Write("a.txt", "ours\n");
        _bench.Commit();
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => _bench.Git("merge", "--quiet", "topic"));

        var whole = (await _bench.ContextAsync((await _bench.ResolveAsync()).Value!)).Prompt;
        var unstaged = (await _bench.ContextAsync((await _bench.ResolveAsync("unstaged")).Value!)).Prompt;

        Assert.All((string[])[whole, unstaged], prompt =>
        {
            Assert.Contains("conflict  a.txt", prompt, StringComparison.Ordinal);
            Assert.Contains("+theirs", prompt, StringComparison.Ordinal);
            Assert.Contains("A merge is under way", prompt, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task What_a_sparse_checkout_leaves_out_is_not_deleted()
    {
        _bench.Write("in/a.txt", "one\n");
        _bench.Write("out/b.txt", "one\n");
        _bench.Commit();
        _bench.Git("sparse-checkout", "set", "--sparse-index", "in");
        _bench.Write("in/a.txt", "two\n");

        var prompt = await _bench.PromptAsync();

        Assert.False(File.Exists(Path.Combine(_bench.Work, "out", "b.txt")));
        Assert.Contains("modified  in/a.txt (+1 -1)\n", prompt, StringComparison.Ordinal);
        Assert.DoesNotContain("b.txt", prompt, StringComparison.Ordinal);
    }

    /// <summary>A clock to which every wait is over at once.</summary>
    private sealed class ImpatientTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == TimeSpan.FromSeconds(3))
                callback(state);
            return System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, period);
        }
    }
}
