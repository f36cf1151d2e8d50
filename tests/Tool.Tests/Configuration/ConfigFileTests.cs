using System.Text;
using CodexCompanion.Tool.Configuration;
using Xunit;

namespace CodexCompanion.Tool.Tests.Configuration;

public sealed class ConfigFileTests
{
    [Fact]
    public void Every_entry_remembers_its_line()
    {
        var entries = Parse("{\n  // why\n  \"model\": \"a\",\n  \"limits\": {\n    \"stall\": \"5m\",\n  },\n}\n").Value!;
        Assert.Equal([("model", "f:3"), ("limits.stall", "f:5")], entries.Select(entry => (entry.Key, entry.Place)));
    }

    [Theory]
    [InlineData("{\n \"model\": \n}", "f:3: this is not valid JSON.")]
    [InlineData("", "f:1: this is not valid JSON.")]
    [InlineData("{} {}", "f:1: this is not valid JSON.")]
    [InlineData("[]", "f:1: a configuration file holds one JSON object.")]
    public void Broken_json_is_told_with_its_line(string content, string message) => Assert.Equal(message, Parse(content).Error?.Message);

    [Theory]
    [InlineData("{\n \"model\": \"a\u00FF\"\n}", "f:2: this text is not UTF-8.")]
    [InlineData("{\n\n \"mod\u00FFel\": \"a\"}", "f:3: this text is not UTF-8.")]
    [InlineData("{\"limits\": {\n \"stall\": \"\\ud800\"}}", "f:2: this text is not UTF-8.")]
    public void Text_in_another_encoding_is_told_with_its_line(string latin, string message) =>
        Assert.Equal(message, ConfigFile.Parse(Encoding.Latin1.GetBytes(latin), "f", Origin.User).Error?.Message);

    [Fact]
    public void A_mark_of_the_encoding_is_no_error() => Assert.Single(Parse("\uFEFF{\"model\":\"a\"}").Value!);

    [Fact]
    public void Only_known_sections_are_opened()
    {
        var entry = Assert.Single(Parse("{\"other\":{\"model\":\"a\"}}").Value!);
        Assert.Equal("other", entry.Key);
    }

    [Fact]
    public void A_file_that_is_not_there_sets_nothing_and_a_folder_is_refused()
    {
        using var bench = new ToolBench();
        Assert.Empty(ConfigFile.Read(Path.Combine(bench.Root, "none.json"), Origin.User).Value!);
        Assert.Contains("not a regular file", ConfigFile.Read(bench.Work, Origin.User).Error?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_end_is_not_read_to_its_end()
    {
        using var bench = new ToolBench();
        var path = bench.WriteFile("big.json", new string(' ', 1024 * 1024 + 1));
        Assert.Contains("larger than 1 MiB", ConfigFile.Read(path, Origin.User).Error?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_of_a_project_may_not_be_a_link()
    {
        using var bench = new ToolBench();
        var target = bench.WriteFile("real.json", "{}");
        var link = Path.Combine(bench.Work, "link.json");
        File.CreateSymbolicLink(link, target);
        Assert.NotNull(ConfigFile.Read(link, Origin.Project).Error);
        Assert.Null(ConfigFile.Read(link, Origin.User).Error);
    }

    private static CodexCompanion.Tool.CommandLine.Attempt<IReadOnlyList<ConfigEntry>> Parse(string content) =>
        ConfigFile.Parse(Encoding.UTF8.GetBytes(content), "f", Origin.User);
}
