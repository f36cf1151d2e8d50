using System.Text.RegularExpressions;
using Xunit;

namespace CodexCompanion.Tool.Tests.Release;

/// <summary>What must be said alike in the files a release is made from.</summary>
public sealed partial class ReleaseFilesTests
{
    private static readonly string Workflow = File.ReadAllText(RepositoryFolder.PathOf(".github", "workflows", "release.yml"));

    [Fact]
    public void A_package_is_made_for_every_system_that_the_pointer_names()
    {
        var pointed = Pointer().Match(Workflow).Groups["rids"].Value.Split(';');
        Assert.NotEmpty(pointed);
        Assert.Equal(pointed, MatrixRow().Matches(Workflow).Select(match => match.Groups["rid"].Value));
    }

    [Fact]
    public void Plugin_tool_and_readme_have_one_version()
    {
        var version = Version().Match(File.ReadAllText(RepositoryFolder.PathOf("Directory.Build.props"))).Groups["version"].Value;
        Assert.Contains($"\"version\": \"{version}\"", File.ReadAllText(RepositoryFolder.PathOf("plugin", ".claude-plugin", "plugin.json")), StringComparison.Ordinal);
        Assert.Contains($"--version {version} ", File.ReadAllText(RepositoryFolder.PathOf("README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_checks_of_a_change_are_the_script_that_anybody_can_run() =>
        Assert.Contains("run: bash .ci/run", File.ReadAllText(RepositoryFolder.PathOf(".github", "workflows", "ci.yml")), StringComparison.Ordinal);

    [GeneratedRegex(@"^  RIDS: (?<rids>\S+)\r?$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Pointer();

    [GeneratedRegex(@"^ +- \{ rid: (?<rid>[\w-]+),", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MatrixRow();

    [GeneratedRegex("<Version>(?<version>[^<]+)</Version>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Version();
}
