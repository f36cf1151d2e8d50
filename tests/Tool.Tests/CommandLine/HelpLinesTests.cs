using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using Xunit;

namespace CodexCompanion.Tool.Tests.CommandLine;

public sealed class HelpLinesTests
{
    private const string Help = "Does a thing that takes a sentence.\n\nOptions:\n  --write  Let it change files below the working directory.\n  -h       Help.\n\nExamples:\n  tool task \"a long line that is to be copied as it stands\"\n";

    [Theory]
    [InlineData(200, Help)]
    [InlineData(40, "Does a thing that takes a sentence.\n\nOptions:\n  --write  Let it change files below the\n           working directory.\n  -h       Help.\n\nExamples:\n  tool task \"a long line that is to be copied as it stands\"\n")]
    [InlineData(30, "Does a thing that takes a\nsentence.\n\nOptions:\n  --write\n      Let it change files\n      below the working\n      directory.\n  -h       Help.\n\nExamples:\n  tool task \"a long line that is to be copied as it stands\"\n")]
    public void Lines_are_broken_between_words_and_stay_in_their_columns(int columns, string expected) =>
        Assert.Equal(expected, HelpLines.Fit(Help, columns));

    [Theory]
    [InlineData(20)]
    [InlineData(39)]
    [InlineData(80)]
    public void No_word_of_any_command_is_lost_at_any_width(int columns)
    {
        foreach (var command in CommandCatalog.Root.Subcommands.Prepend(CommandCatalog.Root))
        {
            var help = CommandApplication.Help(command, "codex-companion " + command.Name);
            var fitted = HelpLines.Fit(help, columns);
            Assert.Equal(Words(help), Words(fitted));
            var body = fitted[..fitted.IndexOf("Examples:", StringComparison.Ordinal)].Split('\n');
            Assert.All(body, line => Assert.True(line.Length <= columns || !line.TrimStart().Contains("  ", StringComparison.Ordinal) || columns < 40, line));
        }
    }

    private static string Words(string text) => string.Join(' ', text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
}
