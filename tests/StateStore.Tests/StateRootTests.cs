namespace CodexCompanion.StateStore.Tests;

public sealed class StateRootTests
{
    [Fact]
    public void The_variable_comes_first() =>
        Assert.Equal("/own/state", At(("CODEX_COMPANION_STATE_DIR", "/own/state/"), ("XDG_STATE_HOME", "/xdg"), ("HOME", "/home/u")));

    [Fact]
    public void A_relative_variable_is_refused_since_every_entry_point_would_see_another_folder()
    {
        var refused = Assert.IsType<StateRoot.Refused>(Resolve(("CODEX_COMPANION_STATE_DIR", "state"), ("HOME", "/home/u")));
        Assert.Contains("CODEX_COMPANION_STATE_DIR", refused.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Xdg_comes_next()
    {
        if (OperatingSystem.IsLinux())
            Assert.Equal("/xdg/codex-companion", At(("XDG_STATE_HOME", "/xdg"), ("HOME", "/home/u")));
    }

    [Fact]
    public void A_relative_xdg_path_is_ignored_and_the_home_directory_is_the_default()
    {
        if (OperatingSystem.IsLinux())
            Assert.Equal("/home/u/.local/state/codex-companion", At(("XDG_STATE_HOME", "rel"), ("CODEX_COMPANION_STATE_DIR", ""), ("HOME", "/home/u")));
    }

    [Fact]
    public void The_hosts_plugin_variable_is_not_used() =>
        Assert.DoesNotContain("plugin", At(("CLAUDE_PLUGIN_DATA", "/plugin/data"), ("HOME", "/home/u")), StringComparison.Ordinal);

    private static string At(params (string Name, string Value)[] variables) => Assert.IsType<StateRoot.At>(Resolve(variables)).Path;

    private static StateRoot Resolve(params (string Name, string Value)[] variables) =>
        StateRoot.Resolve(name => variables.FirstOrDefault(variable => variable.Name == name).Value);
}
