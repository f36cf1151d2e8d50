using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Completion;
using Xunit;

namespace CodexCompanion.Tool.Tests.Completion;

public sealed class CompleterTests : IDisposable
{
    private readonly ToolBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("ta", "task task-resume-candidate")]
    [InlineData("sel", "selftest")]
    [InlineData("broker st", "status stop")]
    [InlineData("broker se", "")]
    [InlineData("nonsense ", "")]
    [InlineData("task --sand", "--sandbox")]
    [InlineData("task --sandbox ", "read-only workspace-write danger-full-access")]
    [InlineData("task --sandbox = work", "workspace-write")]
    [InlineData("task --sandbox =", "read-only workspace-write danger-full-access")]
    [InlineData("task --sandbox=w", "--sandbox=workspace-write")]
    [InlineData("task --prompt-file=", "")]
    [InlineData("task --nonsense=", "")]
    [InlineData("review --scope ", "auto working-tree branch")]
    [InlineData("adversarial-review --scope ", "auto working-tree branch staged unstaged")]
    [InlineData("adversarial-review --path ", ":files")]
    [InlineData("review --format s", "sarif")]
    [InlineData("review --fail-on ", "critical high medium low")]
    [InlineData("doctor --check codex-", "codex-install codex-login")]
    [InlineData("doctor --check codex-install --check stuck", "stuck-locks")]
    [InlineData("selftest --row fo", "foreign-pid four-at-once")]
    [InlineData("task --sandbox read-only --sand", "")]
    [InlineData("task -c a=b --conf", "--config")]
    [InlineData("task --prompt-file ", ":files")]
    [InlineData("task -C ", ":directories")]
    [InlineData("task fix --wri", "")]
    [InlineData("task -- --wri", "")]
    [InlineData("task --hand", "")]
    [InlineData("--cwd /tmp broker stat", "status")]
    [InlineData("broker --cwd /tmp stat", "status")]
    [InlineData("--vers", "--version")]
    [InlineData("completion ", "bash zsh fish powershell")]
    public void What_can_stand_next_is_offered(string line, string expected)
    {
        var words = line.Split(' ');
        var completer = new Completer(CommandCatalog.Root, _ => []);
        // An option of a later version is refused by this one, and must not be offered.
        var offered = completer.For(words[..^1], words[^1]).Select(candidate => candidate.Word);
        if (line == "task --hand" && TaskOptions.HandOver.Refusal is null)
            return;
        Assert.Equal(expected, string.Join(' ', offered));
    }

    [Theory]
    [InlineData("status")]
    [InlineData("status", "--cwd", "elsewhere")]
    public async Task Where_the_current_directory_is_gone_no_job_is_offered(params string[] before)
    {
        using var bench = new ToolBench { CurrentDirectory = "" };

        var end = await bench.RunAsync(["completion", "suggest", "--word=", "--", .. before]);

        Assert.Equal((0, "", ""), (end.ExitCode, end.Out, end.Error));
    }

    [Fact]
    public void A_job_is_offered_where_one_is_wanted_and_only_then()
    {
        var asked = new List<bool>();
        var root = CommandCatalog.Root with
        {
            Subcommands =
            [
                new("status", "") { WordName = "job", MostWords = 1 },
                new("cancel", "") { WordName = "job", MostWords = 1 },
                new("wait", "") { WordName = "jobs", MostWords = 9 },
            ],
        };
        var completer = new Completer(root, activeOnly =>
        {
            asked.Add(activeOnly);
            return [new Candidate("task-1", ""), new Candidate("review-1", "")];
        });
        Assert.Equal(["task-1"], completer.For(["status"], "t").Select(candidate => candidate.Word));
        Assert.Equal(2, completer.For(["cancel"], "").Count());
        Assert.Empty(completer.For(["status", "task-1"], ""));
        Assert.Equal(2, completer.For(["wait", "task-1"], "").Count());
        Assert.Equal([false, true, false], asked);
    }

    [Fact]
    public void The_jobs_of_the_workspace_are_listed_with_what_they_are()
    {
        var time = new ManualTime();
        foreach (var (status, summary) in ((JobStatus, string)[])[(JobStatus.Completed, "first"), (JobStatus.Running, "second\tone")])
        {
            time.Advance(TimeSpan.FromSeconds(1));
            _bench.Store.CreateJob(new JobRecord { Id = JobIds.NewTaskId(time), Status = status, Summary = summary, CreatedAt = time.GetUtcNow() });
        }

        var host = _bench.Host(Stream.Null, Stream.Null);
        Assert.Equal(["running: second one", "completed: first"], JobCandidates.In(host, _bench.Work, activeOnly: false).Select(job => job.Description));
        Assert.Single(JobCandidates.In(host, _bench.Work, activeOnly: true));
    }

    [Fact]
    public async Task A_tab_creates_nothing_and_complains_of_nothing()
    {
        var end = await _bench.RunAsync("completion", "suggest", "--word=", "--", "task", "--cwd");
        Assert.Equal((0, ":directories\t\n", ""), (end.ExitCode, end.Out, end.Error));
        Assert.Empty(JobCandidates.In(_bench.Host(Stream.Null, Stream.Null), _bench.Work, activeOnly: false));
        Assert.False(Directory.Exists(_bench.StateRootPath));
    }
}
