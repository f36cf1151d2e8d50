using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using Xunit;

namespace CodexCompanion.Tool.Tests.CommandLine;

public sealed class ValueTests
{
    [Theory]
    [InlineData("true", "true")]
    [InlineData("42", "42")]
    [InlineData("-7", "-7")]
    [InlineData("1_000", "1000")]
    [InlineData("0.5", "0.5")]
    [InlineData("1e3", "1000")]
    [InlineData("\"a b\\n\"", "\"a b\\n\"")]
    [InlineData("'C:\\x'", "\"C:\\\\x\"")]
    [InlineData("[1, 'a', [true]]", "[1,\"a\",[true]]")]
    [InlineData("[1, 2,]", "[1,2]")]
    [InlineData("{ a = 1, \"b c\" = [2] }", "{\"a\":1,\"b c\":[2]}")]
    [InlineData("[]", "[]")]
    [InlineData("gpt-5.2", "\"gpt-5.2\"")]
    [InlineData("1.2.3", "\"1.2.3\"")]
    [InlineData("007", "\"007\"")]
    [InlineData("", "\"\"")]
    [InlineData("a=b", "\"a=b\"")]
    [InlineData("[1, 2", "\"[1, 2\"")]
    [InlineData("\"open", "\"\\\"open\"")]
    [InlineData("\"\\ud800\"", "\"\\\"\\\\ud800\\\"\"")]
    [InlineData("true false", "\"true false\"")]
    [InlineData("{a", "\"{a\"")]
    [InlineData("nan", "\"nan\"")]
    public void A_configuration_value_is_toml_or_else_text(string written, string json) =>
        Assert.Equal(json, TomlValue.Read(written).GetRawText().Replace("\\u0022", "\\\"", StringComparison.Ordinal));

    [Fact]
    public void Brackets_without_end_do_not_use_up_the_stack() =>
        Assert.Equal(System.Text.Json.JsonValueKind.String, TomlValue.Read(new string('[', 100_000)).ValueKind);

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("15m", 900)]
    [InlineData("1h", 3600)]
    [InlineData("45", 45)]
    [InlineData("1.5m", 90)]
    [InlineData("500ms", 0.5)]
    public void A_time_is_read(string text, double seconds)
    {
        Assert.True(Duration.TryParse(text, out var span));
        Assert.Equal(TimeSpan.FromSeconds(seconds), span);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-5s")]
    [InlineData("5 s")]
    [InlineData("soon")]
    [InlineData("s")]
    [InlineData("1d")]
    [InlineData("99999999h")]
    [InlineData("1e5s")]
    public void What_is_no_time_is_refused(string text) => Assert.False(Duration.TryParse(text, out _));

    [Theory]
    [InlineData("fix it --write", "--write")]
    [InlineData("fix it --model spark", "--model spark")]
    [InlineData("fix it -m spark", "-m spark")]
    [InlineData("fix it --model=spark\n", "--model=spark")]
    public void A_late_option_is_noticed(string text, string tail) =>
        Assert.Contains($"'{tail}'", TextTail.NoteFor(text, TaskCommand.Spec.Table), StringComparison.Ordinal);

    [Theory]
    [InlineData("run pytest --write 'C:\\x'")]
    [InlineData("what does --unknown mean --unknown")]
    [InlineData("use the model")]
    [InlineData("")]
    public void Text_that_only_mentions_options_is_not_commented(string text) =>
        Assert.Null(TextTail.NoteFor(text, TaskCommand.Spec.Table));
}
