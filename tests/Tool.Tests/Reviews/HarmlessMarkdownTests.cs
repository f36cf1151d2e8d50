using CodexCompanion.Tool.Reviews.Rendering;
using Xunit;

namespace CodexCompanion.Tool.Tests.Reviews;

public sealed class HarmlessMarkdownTests
{
    [Theory]
    [InlineData("Use `List<T>` and ``a`<b>``.", "Use `List<T>` and ``a`<b>``.")]
    [InlineData("A <b> and @someone, ![x](y)", "A &lt;b> and @\u200bsomeone, !\\[x](y)")]
    [InlineData("&#64;someone, &commat;someone, a && b, &", "&amp;#64;someone, &amp;commat;someone, a && b, &")]
    [InlineData("`open\n` <img> `", "\\`open\n` <img> `")]
    [InlineData("\\` <img> `", "\\` &lt;img> \\`")]
    [InlineData("\\\\` <img> `", "\\\\` <img> `")]
    public void Code_stays_as_it_is_and_everything_else_is_escaped(string text, string expected) =>
        Assert.Equal(expected, HarmlessMarkdown.Of(text, startsLine: true));

    [Theory]
    [InlineData("```cs\nList<T> @x\n```\n<b>", "```cs\nList<T> @x\n```\n&lt;b>")]
    [InlineData("```\n<b>\n``\n", "```\n<b>\n``\n\n```")]
    [InlineData("```\n<b>\n   ``` \t\n@x\n```\n<b>", "```\n<b>\n   ``` \t\n@\u200bx\n```\n<b>\n```")]
    [InlineData("```\n    ```\n@x", "```\n    ```\n@x\n```")]
    [InlineData("```\n```\u00a0\n@x", "```\n```\u00a0\n@x\n```")]
    [InlineData("~~~~\n```\n~~~", "~~~~\n```\n~~~\n~~~~")]
    [InlineData("  ~~~\n<b>", "  \\~\\~\\~\n&lt;b>")]
    [InlineData("- ```\n<b>", "- \\`\\`\\`\n&lt;b>")]
    [InlineData("```a`b\n<b>", "\\`\\`\\`a\\`b\n&lt;b>")]
    public void A_fence_that_nobody_closed_swallows_nothing(string text, string expected) =>
        Assert.Equal(expected, HarmlessMarkdown.Of(text, startsLine: true));

    [Fact]
    public void What_follows_words_of_ours_opens_no_fence() =>
        Assert.Equal("\\`\\`\\`\n&lt;b>", HarmlessMarkdown.Of("```\n<b>", startsLine: false));
}
