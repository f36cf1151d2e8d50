using System.Diagnostics;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Git;
using CodexCompanion.Tool.Reviews.Content;
using CodexCompanion.Tool.Reviews.Targets;
using Xunit;

namespace CodexCompanion.Tool.Tests.Reviews;

/// <summary>A workspace that is a real repository, a scripted reviewer, and the tool.</summary>
internal sealed class ReviewBench : IDisposable
{
    public ReviewBench()
    {
        Tool.Variables["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "";
        Git("init", "--quiet", "--initial-branch=main");
        Git("config", "user.name", "Somebody");
        Git("config", "user.email", "somebody@example.invalid");
        Git("config", "commit.gpgsign", "false");
    }

    public ToolBench Tool { get; } = new();

    public string Work => Tool.Work;

    /// <summary>The prompts the reviewer was given, in order.</summary>
    public List<TurnRequest> Asked { get; } = [];

    /// <summary>Writes a file, with the folders above it.</summary>
    public string Write(string name, string content)
    {
        var path = Path.Combine(Work, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>Adds a file to another repository and commits it.</summary>
    public void CommitIn(string directory, string file)
    {
        File.WriteAllText(Path.Combine(directory, file), file + "\n");
        GitIn(directory, "add", "--all");
        GitIn(directory, "-c", "user.name=S", "-c", "user.email=s@example.invalid", "commit", "--quiet", "-m", file);
    }

    /// <summary>Commits everything and answers the commit's id.</summary>
    public string Commit(string message = "a commit")
    {
        Git("add", "--all");
        Git("commit", "--quiet", "--allow-empty", "-m", message);
        return Git("rev-parse", "HEAD");
    }

    /// <summary>Has the tool find a git that first does something else, in the words of a shell.</summary>
    public void UseGitThat(string first)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Tool.Root, "other-git")).FullName;
        var program = Path.Combine(folder, "git");
        File.WriteAllText(program, $"#!/bin/sh\n{first}\nPATH='{Tool.Variables["PATH"]}' exec git \"$@\"\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Tool.Variables["PATH"] = $"{folder}:{Tool.Variables["PATH"]}";
    }

    /// <summary>Runs a shell in the workspace, for what .NET has no words for.</summary>
    public void Shell(string script)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]) { WorkingDirectory = Work })!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>Runs git in the workspace.</summary>
    public string Git(params string[] arguments) => GitIn(Work, arguments);

    /// <summary>Runs git in a directory, with a home of its own.</summary>
    public string GitIn(string directory, params string[] arguments)
    {
        var start = new ProcessStartInfo("git") { UseShellExecute = false, WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var name in start.Environment.Keys.Where(key => key.StartsWith("GIT_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        start.Environment["HOME"] = Tool.Variables["HOME"];
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"git {string.Join(' ', arguments)}: {error.Result}");
        return output;
    }

    /// <summary>Resolves a target, as the command does.</summary>
    public async Task<Attempt<ReviewTarget>> ResolveAsync(
        string scope = "auto", string? @base = null, string? commit = null, string? range = null, string? cwd = null, string[]? paths = null) =>
        await new TargetResolver(Runner, CancellationToken.None).ResolveAsync(
            new TargetRequest(cwd ?? Work, scope, scope != "auto", @base, commit, range, paths ?? []));

    /// <summary>The prompt for a target.</summary>
    public async Task<ReviewContext> ContextAsync(ReviewTarget target, Inlining inlining = Inlining.Auto, string focus = "")
    {
        var reader = new ChangeReader(Runner, CancellationToken.None);
        var files = await reader.ReadAsync(target);
        return ReviewPrompt.Make(await Changes.ReadAsync(reader, target, files.Value!, inlining), focus);
    }

    /// <summary>The prompt for what <see cref="ResolveAsync"/> finds by itself.</summary>
    public async Task<string> PromptAsync(Inlining inlining = Inlining.Auto) => (await ContextAsync((await ResolveAsync()).Value!, inlining)).Prompt;

    public GitRunner Runner => new(GitProgram.Find(Tool.Variables).Value!, new ProcessTable(), TimeProvider.System);

    /// <summary>Has the reviewer answer these, one turn after the other.</summary>
    public void Answer(params string[] answers) => AnswerWith([.. answers.Select(answer => (Outcome)new Outcome.Completed(FakeTurnRun.Result(answer)))]);

    /// <summary>Has the built-in reviewer report this.</summary>
    public void Report(string text) => AnswerWith(new Outcome.Completed(FakeTurnRun.Result(text) with { Review = text }));

    /// <summary>Has the turns end like this, one after the other.</summary>
    public void AnswerWith(params Outcome[] outcomes) => Tool.Run.Script = (request, observer, _) =>
    {
        Asked.Add(request);
        FakeTurnRun.TellOfThread(observer);
        return Task.FromResult(outcomes[Math.Min(Asked.Count, outcomes.Length) - 1]);
    };

    /// <summary>An answer with these findings, as JSON.</summary>
    public static string AnswerOf(params (string Severity, string Title, string File, int Line)[] findings) =>
        $$"""{"verdict":"{{(findings.Length == 0 ? "approve" : "needs-attention")}}","summary":"It was looked at.","findings":[{{string.Join(',', findings.Select(f => $$"""{"severity":"{{f.Severity}}","title":"{{f.Title}}","body":"Body of it.","file":"{{f.File}}","line_start":{{f.Line}},"line_end":{{f.Line}},"confidence":0.8,"recommendation":"Do better."}"""))}}],"next_steps":["Fix it."]}""";

    public void Dispose() => Tool.Dispose();
}
