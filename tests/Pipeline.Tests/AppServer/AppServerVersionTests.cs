using CodexCompanion.Pipeline.AppServer;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.AppServer;

public sealed class AppServerVersionTests
{
    [Theory]
    [InlineData("codex-companion/0.169.0 (Debian 12.0.0; x86_64) unknown (codex-companion; 0.1.0)", "0.169.0")]
    [InlineData("codex-companion/0.142.2 (Mac OS 15.1.0; arm64) iTerm.app/3.5 (codex-companion; 0.1.0)", "0.142.2")]
    [InlineData("codex_cli_rs/0.170.0-alpha.3 (Linux)", "0.170.0")]
    [InlineData("x/1.2", "1.2")]
    public void It_is_read_from_the_user_agent(string userAgent, string version) =>
        Assert.Equal(Version.Parse(version), AppServerVersion.Read(userAgent));

    [Theory]
    [InlineData("")]
    [InlineData("codex")]
    [InlineData("codex/")]
    [InlineData("codex/dev (Linux)")]
    [InlineData("codex/0.0.0 (Linux)")]
    [InlineData("codex/99999999999.1")]
    public void Where_there_is_none_there_is_none(string userAgent) => Assert.Null(AppServerVersion.Read(userAgent));
}
