using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using Xunit;

namespace CodexCompanion.Tool.Tests.CommandLine;

public sealed class HelpTests
{
    public static TheoryData<string> CommandPaths => [.. Paths(CommandCatalog.Root, "")];

    [Theory]
    [MemberData(nameof(CommandPaths))]
    public async Task Every_command_explains_itself_with_examples_and_touches_nothing(string path)
    {
        using var bench = new ToolBench();
        var end = await bench.RunAsync([.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        Assert.Equal(ExitCodes.Done, end.ExitCode);
        Assert.Empty(end.Error);
        Assert.Contains($"Usage: codex-companion {path}".TrimEnd(), end.Out, StringComparison.Ordinal);
        var examples = end.Out[end.Out.IndexOf("Examples:", StringComparison.Ordinal)..].Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..];
        Assert.InRange(examples.Length, path == "broker serve" ? 1 : 2, 3);
        Assert.All(examples, example => Assert.Contains("codex-companion ", example, StringComparison.Ordinal));
        Assert.False(Directory.Exists(bench.StateRootPath));
        Assert.Null(bench.Run.Request);
    }

    [Fact]
    public async Task Options_that_do_not_work_yet_are_not_shown()
    {
        using var bench = new ToolBench();
        var help = (await bench.RunAsync("task", "--help")).Out;
        foreach (var option in TaskOptions.All)
            Assert.Equal(option.Refusal is null, help.Contains(option.Display + " ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_command_the_help_goes_to_stderr_and_the_exit_code_is_2()
    {
        using var bench = new ToolBench();
        var end = await bench.RunAsync();
        Assert.Equal(ExitCodes.Usage, end.ExitCode);
        Assert.Empty(end.OutBytes);
        Assert.Contains("Usage: codex-companion", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_version_is_printed_alone()
    {
        using var bench = new ToolBench();
        var end = await bench.RunAsync("--version");
        Assert.Equal(ExitCodes.Done, end.ExitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+[-.\w]*\n$", end.Out);
        Assert.Equal(end.Out.Trim(), (await bench.RunAsync("--version", "--json")).Json.GetProperty("version").GetString());
    }

    [Fact]
    public async Task An_unknown_command_is_a_usage_error_with_a_suggestion()
    {
        using var bench = new ToolBench();
        var end = await bench.RunAsync("taks", "fix it");
        Assert.Equal(ExitCodes.Usage, end.ExitCode);
        Assert.Equal("error: Unknown command 'taks'.\nhint: Did you mean 'task'?\n", end.Error);
    }

    private static IEnumerable<string> Paths(CommandSpec command, string path)
    {
        yield return path;
        foreach (var child in command.Subcommands)
        {
            foreach (var below in Paths(child, path.Length == 0 ? child.Name : $"{path} {child.Name}"))
                yield return below;
        }
    }
}
