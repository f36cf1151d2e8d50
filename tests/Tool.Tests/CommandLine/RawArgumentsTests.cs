using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using Xunit;

namespace CodexCompanion.Tool.Tests.CommandLine;

public sealed class RawArgumentsTests
{
    private static readonly OptionTable Table = TaskCommand.Spec.Table;

    [Theory]
    [InlineData("fix \"it\" now\n", "", "fix \"it\" now\n")]
    [InlineData("--write fix  it\t'so'\\x\r\n", "--write", "fix  it\t'so'\\x\r\n")]
    [InlineData("  --write\n--model spark\nfix", "--write|--model=spark", "fix")]
    [InlineData("--model=\"a b\" -cx=1 go", "--model=a b|--config=x=1", "go")]
    [InlineData("--prompt-file 'my notes.md'", "--prompt-file=my notes.md", "")]
    [InlineData("--write -- --fresh start", "--write", "--fresh start")]
    [InlineData("--no-verify is skipped, why?", "", "--no-verify is skipped, why?")]
    [InlineData("- a list\n- of things", "", "- a list\n- of things")]
    [InlineData("-v is what?", "", "-v is what?")]
    [InlineData("\"--write\" is text", "", "\"--write\" is text")]
    [InlineData("", "", "")]
    public void Known_leading_options_are_taken_off_and_the_rest_is_untouched(string raw, string options, string text)
    {
        var split = RawArguments.Split(raw, Table);
        Assert.Null(split.Error);
        Assert.Equal(options, string.Join('|', split.Options.Select(Spelling.Of)));
        Assert.Equal(text, split.Text);
    }

    [Theory]
    [InlineData("--modle spark fix", "Unknown option '--modle'.")]
    [InlineData("--model", "--model needs a value (MODEL).")]
    [InlineData("--write=1 fix", "Unknown option '--write=1'.")]
    public void A_near_miss_is_an_error_and_nothing_is_sent(string raw, string message) =>
        Assert.Equal(message, RawArguments.Split(raw, Table).Error?.Message);
}
