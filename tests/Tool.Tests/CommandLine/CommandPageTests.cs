using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using Xunit;

namespace CodexCompanion.Tool.Tests.CommandLine;

/// <summary>docs/commands.md against the table the program is built from, and the command lines of every page against its parser.</summary>
public sealed partial class CommandPageTests
{
    private static readonly IReadOnlyDictionary<string, string> Sections = SectionsOf(File.ReadAllText(RepositoryFolder.PathOf("docs", "commands.md")));

    public static TheoryData<string> CommandPaths => [.. Shown(CommandCatalog.Root, "").Select(shown => shown.Path)];

    public static TheoryData<string> Pages => new(
        Directory.EnumerateFiles(RepositoryFolder.PathOf("docs"), "*.md").Append(RepositoryFolder.PathOf("README.md"))
            .Select(path => Path.GetRelativePath(RepositoryFolder.PathOf(), path)).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(CommandPaths))]
    public void A_command_has_a_section_with_all_its_options_and_no_others(string path)
    {
        var command = Shown(CommandCatalog.Root, "").Single(shown => shown.Path == path).Command;
        Assert.True(Sections.TryGetValue(path, out var section), $"docs/commands.md has no section `{path}`.");
        Assert.Equal(command.Options.Where(option => option.Refusal is null).Select(Row), RowsOf(section!));
    }

    [Fact]
    public void The_options_of_every_command_are_told_once() => Assert.Equal(
        [.. GlobalOptions.All.Select(Row), Row(GlobalOptions.Version)], RowsOf(Sections["Every command"]));

    [Fact]
    public void No_section_is_about_a_command_that_does_not_exist()
    {
        string[] others = ["Commands", "Every command", "Exit codes", "JSON", "Internal"];
        Assert.Empty(Sections.Keys.Except(Shown(CommandCatalog.Root, "").Select(shown => shown.Path)).Except(others));
    }

    [Fact]
    public void Every_exit_code_is_in_the_table()
    {
        var codes = typeof(ExitCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.Name != nameof(ExitCodes.SignalBase))
            .Select(field => ((int)field.GetRawConstantValue()!).ToString(CultureInfo.InvariantCulture))
            .Append($"{ExitCodes.SignalBase}+n");
        var listed = ExitCodeRow().Matches(Sections["Exit codes"]).Select(match => match.Groups["code"].Value);
        Assert.Equal(codes.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
        Assert.Equal(ExitCodeRow().Count(Sections["Exit codes"]), ExitCodeRow().Count(File.ReadAllText(RepositoryFolder.PathOf("README.md"))));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_command_line_in_a_page_is_one_that_the_tool_understands(string page)
    {
        foreach (Match match in CommandLineInBlock().Matches(Blocks(File.ReadAllText(RepositoryFolder.PathOf(page)))))
        {
            var words = ShellWords.Of(match.Groups["words"].Value);
            if (words.Any(word => word is "COMMAND" or "[options]"))
                continue; // A usage line.
            var parsed = CommandLineParser.Parse(CommandCatalog.Root, words);
            Assert.True(parsed is Invocation.Run or Invocation.Version or Invocation.Help { Asked: true }, $"{page}: {match.Value}: {(parsed as Invocation.Bad)?.Error.Message}");
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_of_a_page_leads_somewhere(string page)
    {
        var file = RepositoryFolder.PathOf(page);
        foreach (Match match in Link().Matches(File.ReadAllText(file)))
        {
            var target = match.Groups["file"].Value.Length == 0 ? file : Path.Combine(Path.GetDirectoryName(file)!, match.Groups["file"].Value);
            Assert.True(Path.Exists(target), $"{page}: {match.Value}");
            if (match.Groups["place"].Value is { Length: > 0 } place)
                Assert.Contains(place, Heading().Matches(File.ReadAllText(target)).Select(heading => Anchor(heading.Groups["title"].Value)));
        }
    }

    private static string Row(OptionSpec option) =>
        $"{(option.Short is { } letter ? $"`-{letter}`, " : "")}`{option.Display}{(option.TakesValue ? " " + option.ValueName : "")}`";

    private static IEnumerable<string> RowsOf(string section) => OptionRow().Matches(section).Select(match => match.Groups["option"].Value);

    private static IEnumerable<(string Path, CommandSpec Command)> Shown(CommandSpec above, string path) =>
        above.Subcommands.Where(command => !command.Hidden).SelectMany(command =>
        {
            var below = path.Length == 0 ? command.Name : $"{path} {command.Name}";
            return Shown(command, below).Prepend((below, command));
        });

    private static Dictionary<string, string> SectionsOf(string page)
    {
        var headings = Heading().Matches(page);
        return headings.Select((heading, i) => (Title: heading.Groups["title"].Value.Trim('`'), From: heading.Index, To: i + 1 < headings.Count ? headings[i + 1].Index : page.Length))
            .ToDictionary(part => part.Title, part => page[part.From..part.To], StringComparer.Ordinal);
    }

    private static string Blocks(string page) => string.Concat(Block().Matches(page).Select(match => Typed(match.Groups["text"].Value)));

    // In a recorded session only what stands behind a prompt is a command; the rest is what was answered.
    private static string Typed(string block) => Prompt().IsMatch(block)
        ? string.Concat(block.Split('\n').Where(line => Prompt().IsMatch(line)).Select(line => line + "\n"))
        : block;

    // As code hosts make them: small letters, no punctuation, a dash for each blank.
    private static string Anchor(string title) =>
        string.Concat(title.ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');

    [GeneratedRegex(@"^\| (?<option>(?:`-\w`, )?`--[^`]+`) \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OptionRow();

    [GeneratedRegex(@"^\| (?<code>\d+(?:\+n)?) \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ExitCodeRow();

    [GeneratedRegex(@"^#{1,4} (?<title>.+?)\r?$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^```[a-z]*\r?\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Block();

    [GeneratedRegex(@"^\$ ", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Prompt();

    [GeneratedRegex(@"(?:^|[|(] ?|^\$ )codex-companion (?<words>[^\r\n]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CommandLineInBlock();

    [GeneratedRegex(@"\]\((?!https?:)(?<file>[^)#\s]*)(?:#(?<place>[^)\s]+))?\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();
}
