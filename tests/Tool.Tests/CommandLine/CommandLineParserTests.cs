using CodexCompanion.Tool.CommandLine;
using Xunit;

namespace CodexCompanion.Tool.Tests.CommandLine;

public sealed class CommandLineParserTests
{
    private static readonly OptionSpec Base = new("base", OptionArity.Value, "Base.") { ValueName = "REF" };
    private static readonly OptionSpec All = new("all", OptionArity.Flag, "All.");

    private static readonly CommandSpec Root = new("", "A tool.")
    {
        Options = [GlobalOptions.Version],
        Subcommands =
        [
            new CommandSpec("look", "Looks.") { Options = [Base, All], Run = (_, _) => Task.FromResult(0), WordName = "job", MostWords = 1 },
            new CommandSpec("say", "Says.") { Options = [All], FreeText = true, Run = (_, _) => Task.FromResult(0) },
            new CommandSpec("group", "Groups.")
            {
                Subcommands =
                [
                    new CommandSpec("one", "One.") { Run = (_, _) => Task.FromResult(0) },
                    new CommandSpec("inner", "Internal.") { Run = (_, _) => Task.FromResult(0), Hidden = true },
                ],
            },
        ],
    };

    [Fact]
    public void A_single_argument_with_all_options_is_split_where_there_is_no_free_text()
    {
        var call = Run("look", "--base main --all");
        Assert.Equal("main", call.Options.Value(Base));
        Assert.True(call.Options.Has(All));
    }

    [Fact]
    public void Free_text_is_never_split()
    {
        Assert.Equal("Unknown option '--all'.", Bad("say", "--all the things").Error.Message);
        Assert.Equal(["--all the things"], Run("say", "--", "--all the things").Words);
    }

    [Fact]
    public void Options_of_every_command_may_stand_before_its_name()
    {
        var call = Run("--json", "-C", "dir", "look", "job-1");
        Assert.True(call.Json);
        Assert.Equal("dir", call.Options.Value(GlobalOptions.Cwd));
        Assert.Equal(["job-1"], call.Words);
    }

    [Theory]
    [InlineData("lok", "Unknown command 'lok'.", "Did you mean 'look'?")]
    [InlineData("group uno", "Unknown command 'group uno'.", null)]
    [InlineData("group onee", "Unknown command 'group onee'.", "Did you mean 'one'?")]
    [InlineData("look a b", "Unexpected argument 'b'.", null)]
    [InlineData("look --base a --base b", "--base was given more than once.", null)]
    public void A_wrong_line_is_refused(string line, string message, string? hint) =>
        Assert.Equal(new UsageError(message, hint), Bad(line.Split(' ')).Error);

    [Theory]
    [InlineData("", "", false)]
    [InlineData("--help", "", true)]
    [InlineData("look --help", "look", true)]
    [InlineData("--help look", "", true)]
    [InlineData("group", "group", false)]
    [InlineData("group --help", "group", true)]
    [InlineData("group one -h", "group one", true)]
    [InlineData("look --base x --help", "look", true)]
    public void Help_is_found(string line, string path, bool asked)
    {
        var help = Assert.IsType<Invocation.Help>(CommandLineParser.Parse(Root, line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal(path, help.Path);
        Assert.Equal(asked, help.Asked);
    }

    [Fact]
    public void A_hidden_command_runs_and_is_shown_nowhere()
    {
        Assert.Equal("group inner", Run("group", "inner").Path);
        Assert.DoesNotContain("inner", CommandApplication.Help(Root.Subcommands[2], "tool group"), StringComparison.Ordinal);
        Assert.Null(Bad("group", "iner").Error.Hint);
    }

    [Theory]
    [InlineData("a:b=c")]
    [InlineData("=")]
    [InlineData("x\ny")]
    [InlineData("-")]
    [InlineData("\"quoted\"")]
    public void The_option_parser_leaves_values_as_they_are(string value) =>
        Assert.Equal(value, Run("look", "--base=" + value).Options.Value(Base));

    private static CommandCall Run(params string[] arguments) =>
        Assert.IsType<Invocation.Run>(CommandLineParser.Parse(Root, arguments)).Call;

    private static Invocation.Bad Bad(params string[] arguments) =>
        Assert.IsType<Invocation.Bad>(CommandLineParser.Parse(Root, arguments));
}
