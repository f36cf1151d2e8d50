using Xunit;

namespace CodexCompanion.Tool.Tests.Reviews;

/// <summary>Repositories that came whole, their configuration included, from somebody who means harm.</summary>
public sealed class HostileRepositoryTests : IDisposable
{
    private readonly ReviewBench _bench = new();

    public HostileRepositoryTests()
    {
        _bench.Write(".gitattributes", "*.txt filter=evil diff=evil\n");
        _bench.Write("a.txt", "one\n");
        _bench.Commit();
    }

    private string Evidence => Path.Combine(_bench.Tool.Root, "evidence");

    // Says that it ran, and passes on what it gets.
    private string Program => $"echo ran >>'{Evidence}'; cat";

    public void Dispose() => _bench.Dispose();

    [LinuxFact]
    public async Task Nothing_that_its_configuration_names_is_run()
    {
        foreach (var key in (string[])[
            "core.fsmonitor", "core.pager", "core.sshCommand", "core.askPass", "diff.external", "diff.evil.textconv", "diff.evil.command", "filter.evil.clean",
            "filter.evil.smudge", "filter.evil.process", "gpg.program", "credential.helper"])
            _bench.Git("config", key, Program);
        _bench.Git("config", "filter.evil.required", "true");
        _bench.Write("a.txt", "one\ntwo\n");

        var prompt = await _bench.PromptAsync();

        Assert.Contains("+two", prompt, StringComparison.Ordinal);
        Assert.False(File.Exists(Evidence));
    }

    [LinuxFact]
    public async Task Nor_is_what_a_submodule_names()
    {
        var inner = Path.Combine(_bench.Work, "sub");
        _bench.GitIn(_bench.Tool.Root, "init", "--quiet", "--initial-branch=main", inner);
        File.WriteAllText(Path.Combine(inner, ".gitattributes"), "*.txt filter=evil\n");
        _bench.CommitIn(inner, "i.txt");
        _bench.Git("-c", "advice.addEmbeddedRepo=false", "add", "sub");
        _bench.Commit();
        _bench.GitIn(inner, "config", "filter.evil.clean", Program);
        File.WriteAllText(Path.Combine(inner, "i.txt"), "i.tXt\n");

        var prompt = await _bench.PromptAsync();

        Assert.Contains("sub (submodule)", prompt, StringComparison.Ordinal);
        Assert.False(File.Exists(Evidence));
    }

    [LinuxFact]
    public async Task Nor_is_what_a_submodule_names_whose_name_nobody_can_be_given()
    {
        var inner = Path.Combine(_bench.Work, "sub");
        _bench.GitIn(_bench.Tool.Root, "init", "--quiet", "--initial-branch=main", inner);
        File.WriteAllText(Path.Combine(inner, ".gitattributes"), "*.txt filter=evil\n");
        _bench.CommitIn(inner, "i.txt");
        _bench.GitIn(inner, "config", "filter.evil.clean", Program);
        File.WriteAllText(Path.Combine(inner, "i.txt"), "changed\n");
        _bench.Shell("mv sub \"$(printf 'su\\377b')\"");
        _bench.Git("-c", "advice.addEmbeddedRepo=false", "add", "--all");
        File.Delete(Evidence);

        var end = await _bench.Tool.RunAsync("adversarial-review", "--show-context");

        _bench.Shell("mv su?b sub"); // .NET cannot even delete it under that name.
        Assert.False(File.Exists(Evidence));
        Assert.Equal(ExitCodes.Usage, end.ExitCode);
        Assert.Contains("nested repository 'su\uFFFDb' is not UTF-8", end.Error, StringComparison.Ordinal);
    }

    [LinuxFact]
    public async Task A_filter_that_the_user_configured_runs()
    {
        _bench.Git("config", "--global", "filter.evil.clean", "tr a-z A-Z");
        _bench.Write("a.txt", "one\ntwo\n");

        Assert.Contains("+TWO", await _bench.PromptAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_filter_whose_name_cannot_be_overruled_ends_the_review()
    {
        _bench.Git("config", "filter.e=vil.clean", Program);

        var refused = await _bench.ResolveAsync();

        Assert.Equal(
            $"Git cannot use the repository of {_bench.Work}: fatal: the repository's configuration has a filter 'e=vil', which cannot be turned off",
            refused.Error!.Message);
        Assert.False(File.Exists(Evidence));
    }

    [LinuxFact]
    public async Task A_git_that_cannot_tell_whose_configuration_it_is_is_too_old()
    {
        _bench.UseGitThat("case \"$*\" in *--show-scope*) echo 'error: unknown option `show-scope' >&2; exit 129;; esac");

        var refused = await _bench.Tool.RunAsync("review");

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("reviews need git 2.26 or newer", refused.Error, StringComparison.Ordinal);
    }

    [LinuxFact]
    public async Task A_partial_clone_whose_configuration_names_a_program_fetches_nothing()
    {
        var program = Path.Combine(_bench.Tool.Root, "pack.sh");
        File.WriteAllText(program, $"#!/bin/sh\n{Program}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        _bench.Write("a.txt", "two\n");
        _bench.Commit("two");
        var clone = Path.Combine(_bench.Tool.Root, "partial");
        _bench.Git("config", "uploadpack.allowFilter", "true");
        _bench.GitIn(_bench.Tool.Root, "clone", "--quiet", "--filter=blob:none", "--no-checkout", new Uri(_bench.Work).AbsoluteUri, clone);
        _bench.GitIn(clone, "config", "remote.origin.uploadpack", program);

        var target = (await _bench.ResolveAsync(range: "HEAD~1..HEAD", cwd: clone)).Value!;
        var without = await new Tool.Reviews.Targets.ChangeReader(_bench.Runner, CancellationToken.None).ReadAsync(target);

        Assert.Contains("cannot read", without.Error!.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Evidence));
    }

    [Fact]
    public async Task A_working_tree_that_does_not_belong_to_the_repository_is_refused()
    {
        var repository = Path.Combine(_bench.Work, "unpacked");
        _bench.GitIn(_bench.Work, "init", "--quiet", repository);
        _bench.GitIn(repository, "config", "core.worktree", _bench.Work);

        var refused = await _bench.ResolveAsync(cwd: repository);

        Assert.Contains($"names {_bench.Work} as its working tree", refused.Error!.Message, StringComparison.Ordinal);
    }
}
