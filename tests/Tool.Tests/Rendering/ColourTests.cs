using CodexCompanion.Tool.Rendering;
using Xunit;

namespace CodexCompanion.Tool.Tests.Rendering;

public sealed class ColourTests
{
    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(true, false, "NO_COLOR", "1")]
    [InlineData(true, true, "NO_COLOR", "")]
    [InlineData(true, false, "TERM", "dumb")]
    [InlineData(false, true, "FORCE_COLOR", "1")]
    [InlineData(true, false, "FORCE_COLOR", "0")]
    [InlineData(false, false, "FORCE_COLOR", "1", "NO_COLOR", "1")]
    [InlineData(false, true, "FORCE_COLOR", "3", "TERM", "dumb")]
    public void Its_variables_and_the_terminal_decide(bool isTerminal, bool wanted, params string[] variables) =>
        Assert.Equal(wanted, Colour.IsWanted(variables.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal), isTerminal));
}
