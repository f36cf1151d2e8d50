using System.Text.Json;
using System.Text.RegularExpressions;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using Xunit;

namespace CodexCompanion.Tool.Tests.Plugin;

/// <summary>The plugin for Claude Code as its files stand in the repository.</summary>
public sealed partial class PluginTests
{
    private const string Tool = "codex-companion";

    public static TheoryData<string> Texts() => new(
        Directory.EnumerateFiles(RepositoryFolder.PathOf("plugin"), "*.md", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(RepositoryFolder.PathOf(), path)));

    [Fact]
    public void Every_command_there_is_to_be_has_its_file() => Assert.Equal(
        ["adversarial-review", "cancel", "doctor", "rescue", "result", "review", "setup", "status", "transfer"],
        Directory.EnumerateFiles(RepositoryFolder.PathOf("plugin", "commands")).Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_text_begins_with_what_the_host_must_know(string file)
    {
        var lines = File.ReadAllLines(RepositoryFolder.PathOf(file));
        Assert.Equal("---", lines[0]);
        var front = lines.Skip(1).TakeWhile(line => line != "---").ToList();
        Assert.Contains(front, line => line.StartsWith("description: ", StringComparison.Ordinal));
        if (file.Contains("commands", StringComparison.Ordinal))
            Assert.Contains(front, line => line.StartsWith("allowed-tools: ", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void Every_command_line_is_one_that_the_tool_understands(string file)
    {
        foreach (var line in CommandLines(File.ReadAllText(RepositoryFolder.PathOf(file))))
        {
            var words = line[Tool.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var parsed = CommandLineParser.Parse(CommandCatalog.Root, words);
            Assert.True(parsed is Invocation.Run, $"{file}: {line}: {(parsed as Invocation.Bad)?.Error.Message}");
        }
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void What_the_user_typed_never_passes_a_shell(string file)
    {
        var inHereDocument = false;
        foreach (var line in File.ReadLines(RepositoryFolder.PathOf(file)))
        {
            if (line.Contains("$ARGUMENTS", StringComparison.Ordinal) && line.Contains(Tool, StringComparison.Ordinal))
                Assert.Fail($"{file}: {line}");
            if (line.Contains("<<", StringComparison.Ordinal) && line.Contains(Tool, StringComparison.Ordinal))
            {
                inHereDocument = true;
                Assert.Matches("<<'[A-Z_]+'", line); // Quoted: nothing in it is expanded.
                Assert.Contains("--arguments-stdin", line, StringComparison.Ordinal);
            }
        }

        Assert.Equal(inHereDocument, File.ReadAllText(RepositoryFolder.PathOf(file)).Contains("--arguments-stdin", StringComparison.Ordinal));
    }

    [Fact]
    public void The_hooks_are_started_without_a_shell_and_named_as_the_tool_names_them()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(RepositoryFolder.PathOf("plugin", "hooks", "hooks.json")));
        Assert.Equal("hooks", Assert.Single(json.RootElement.EnumerateObject()).Name);
        var hooks = json.RootElement.GetProperty("hooks");
        Assert.Equal(["SessionEnd", "SessionStart", "Stop"], hooks.EnumerateObject().Select(hook => hook.Name).Order(StringComparer.Ordinal));
        foreach (var hook in hooks.EnumerateObject())
        {
            var entry = hook.Value[0].GetProperty("hooks")[0];
            Assert.Equal("${CLAUDE_PLUGIN_ROOT}/bin/codex-companion", entry.GetProperty("command").GetString());
            var words = entry.GetProperty("args").EnumerateArray().Select(word => word.GetString()!).ToList();
            Assert.IsType<Invocation.Run>(CommandLineParser.Parse(CommandCatalog.Root, words));
        }
    }

    [Fact]
    public void The_marketplace_offers_the_plugin_that_lies_here()
    {
        using var market = JsonDocument.Parse(File.ReadAllText(RepositoryFolder.PathOf(".claude-plugin", "marketplace.json")));
        using var plugin = JsonDocument.Parse(File.ReadAllText(RepositoryFolder.PathOf("plugin", ".claude-plugin", "plugin.json")));
        var offered = Assert.Single(market.RootElement.GetProperty("plugins").EnumerateArray().ToList());
        Assert.True(Directory.Exists(RepositoryFolder.PathOf(offered.GetProperty("source").GetString()!)));
        Assert.Equal(plugin.RootElement.GetProperty("name").GetString(), offered.GetProperty("name").GetString());
        Assert.Equal(plugin.RootElement.GetProperty("version").GetString(), offered.GetProperty("version").GetString());
        Assert.True(File.Exists(RepositoryFolder.PathOf("plugin", "bin", "codex-companion")));
    }

    private static IEnumerable<string> CommandLines(string text) =>
        CommandLine().Matches(text).Select(match => match.Groups["line"].Value.Split("<<", 2)[0].Trim()).Where(line => line.Length > Tool.Length);

    // In a block of code a line of its own, in running text between backticks.
    [GeneratedRegex(@"(?:^[ ]*|`)(?<line>codex-companion [a-z][^`\r\n]*)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CommandLine();
}
