using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using Xunit;

namespace CodexCompanion.Tool.Tests.CommandLine;

public sealed class ArgumentSplitterTests
{
    private static readonly OptionTable Table = TaskCommand.Spec.Table;

    [Theory]
    [InlineData("fix it", "", "fix it")]
    [InlineData("--write fix it", "--write", "fix it")]
    [InlineData("fix it --write", "", "fix it --write")]
    [InlineData("--write -- --fresh", "--write", "--fresh")]
    [InlineData("-- fix", "", "fix")]
    [InlineData("a -- b", "", "a -- b")]
    [InlineData("--model gpt x", "--model=gpt", "x")]
    [InlineData("--model=a=b x", "--model=a=b", "x")]
    [InlineData("--model= x", "--model=", "x")]
    [InlineData("-m gpt x", "--model=gpt", "x")]
    [InlineData("-mgpt x", "--model=gpt", "x")]
    [InlineData("-m=gpt x", "--model=gpt", "x")]
    [InlineData("-cfoo=1 -c bar=2 x", "--config=foo=1 --config=bar=2", "x")]
    [InlineData("-C dir --json x", "--cwd=dir --json", "x")]
    [InlineData("--model=--write x", "--model=--write", "x")]
    [InlineData("--prompt-file -", "--prompt-file=-", "")]
    [InlineData("- x", "", "- x")]
    [InlineData("-h", "--help", "")]
    public void Options_end_at_the_first_word_and_the_rest_stays_as_it_is(string line, string options, string words)
    {
        var split = Assert.IsType<SplitArguments.Split>(Split(line.Split(' ')));
        Assert.Equal(options, string.Join(' ', split.Options.Select(Spelling.Of)));
        Assert.Equal(words, string.Join(' ', split.Words));
    }

    [Theory]
    [InlineData("--wirte x", "Unknown option '--wirte'.", "Did you mean '--write'?")]
    [InlineData("--prompt x", "Unknown option '--prompt'.", "Did you mean '--prompt-file'?")]
    [InlineData("--zzz x", "Unknown option '--zzz'.", "Text that begins with a dash goes after '--'.")]
    [InlineData("-x y", "Unknown option '-x'.", "Text that begins with a dash goes after '--'.")]
    [InlineData("-hx", "Unknown option '-hx'.", "Text that begins with a dash goes after '--'.")]
    [InlineData("--write=yes x", "--write takes no value.", null)]
    [InlineData("--model", "--model needs a value (MODEL).", null)]
    [InlineData("--model --write x", "--model needs a value (MODEL).", null)]
    public void A_wrong_option_is_named_with_what_was_probably_meant(string line, string message, string? hint)
    {
        var bad = Assert.IsType<SplitArguments.Bad>(Split(line.Split(' ')));
        Assert.Equal(new UsageError(message, hint), bad.Error);
    }

    [Fact]
    public void A_text_that_begins_with_a_dash_is_refused_and_not_shown_whole()
    {
        var bad = Assert.IsType<SplitArguments.Bad>(Split(["--is this an option? " + new string('x', 500)]));
        Assert.Equal("Unknown option '--is'.", bad.Error.Message);
    }

    [Fact]
    public void Where_no_text_is_taken_an_unknown_option_is_not_taken_for_text()
    {
        var bad = Assert.IsType<SplitArguments.Bad>(ArgumentSplitter.Split(["--frob"], StatusCommand.Spec.Table, wordsEndOptions: false));
        Assert.Equal(new UsageError("Unknown option '--frob'.", Hint: null), bad.Error);
    }

    [Fact]
    public void Without_free_text_options_may_stand_anywhere()
    {
        var split = Assert.IsType<SplitArguments.Split>(ArgumentSplitter.Split(["job-1", "--json", "job-2"], Table, wordsEndOptions: false));
        Assert.Equal(["job-1", "job-2"], split.Words);
        Assert.Equal(["--json"], split.Options.Select(Spelling.Of));
    }

    private static SplitArguments Split(string[] arguments) => ArgumentSplitter.Split(arguments, Table, wordsEndOptions: true);
}
