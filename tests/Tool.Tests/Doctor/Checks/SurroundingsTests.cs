using System.Runtime.Versioning;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor.Checks;

[UnsupportedOSPlatform("windows")]
public sealed class SurroundingsTests : IDisposable
{
    private readonly DoctorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_configuration_that_cannot_be_read_is_named_with_its_place_and_the_rest_still_runs()
    {
        _bench.Bench.WriteUserConfig("{ \"model\": ");
        var end = await _bench.DoctorAsync("--force");
        Assert.Equal(("problem", "manual", 1), (end.StatusOf("settings"), end.KindOf("settings"), end.ExitCode));
        Assert.Contains("config.json", end.MessageOf("settings"), StringComparison.Ordinal);
        Assert.StartsWith("${EDITOR:-vi} ", Assert.Single(end.CommandsOf("settings")), StringComparison.Ordinal);
        Assert.Equal("ok", end.StatusOf("jobs-index"));
    }

    [Fact]
    public async Task Damaged_settings_of_the_workspace_are_set_aside_by_force_only_and_the_index_has_a_copy()
    {
        _bench.Job("task-a");
        _bench.Store.UpdateConfig(config => config with { StopReviewGate = true });
        File.WriteAllText(_bench.Paths.ConfigFile, "{\"stopReviewGate\":");
        Assert.Equal("problem", (await _bench.DoctorAsync()).StatusOf("settings"));
        Assert.True(File.Exists(_bench.Paths.ConfigFile));
        await _bench.HealsAsync("settings", "--force");
        Assert.True(_bench.Store.ReadConfig().Value!.StopReviewGate);
    }

    [Fact]
    public async Task Healthy_settings_are_left_alone()
    {
        _bench.Job("task-a");
        _bench.Store.UpdateConfig(config => config with { StopReviewGate = true });
        _bench.Bench.WriteUserConfig("{ \"model\": \"m\" }");
        await _bench.IsLeftAloneAsync("settings", "session-env", "node-plugin");
    }

    [Theory]
    [InlineData("TMPDIR", "/nowhere/at/all", "problem", "export TMPDIR=/tmp")]
    [InlineData("CODEX_HOME", "/nowhere/at/all", "problem", "mkdir -p /nowhere/at/all")]
    [InlineData("CODEX_COMPANION_MODLE", "x", "warning", "export CODEX_COMPANION_MODEL=\"$CODEX_COMPANION_MODLE\" && unset CODEX_COMPANION_MODLE")]
    [InlineData("CODEX_COMPANION_SESSION_ID", "old", "warning", "unset CODEX_COMPANION_SESSION_ID")]
    public async Task A_variable_that_makes_no_sense_is_named_with_a_remedy(string name, string value, string status, string command)
    {
        _bench.Bench.Variables["CLAUDE_CODE_SESSION_ID"] = "current";
        _bench.Bench.Variables[name] = value;
        var end = await _bench.DoctorAsync("--check", "session-env");
        Assert.Equal((status, status == "problem" ? 1 : 0), (end.StatusOf("session-env"), end.ExitCode));
        Assert.Equal([command], end.CommandsOf("session-env"));
    }

    [Fact]
    public async Task A_folder_for_sockets_whose_path_is_too_long_is_told_of()
    {
        _bench.Bench.Variables["TMPDIR"] = Directory.CreateDirectory(Path.Combine(_bench.Temp, new string('x', 100))).FullName;
        var end = await _bench.DoctorAsync("--check", "session-env");
        Assert.Equal("warning", end.StatusOf("session-env"));
    }

    [Theory]
    [InlineData("{\"enabledPlugins\":{\"codex@openai-codex\":true,\"codex@codex-companion\":true}}", "warning")]
    [InlineData("{\"enabledPlugins\":{\"codex@openai-codex\":false,\"codex@codex-companion\":true}}", "ok")]
    [InlineData("{\"enabledPlugins\":{\"codex@openai-codex\":true}}", "ok")]
    [InlineData("{\"enabledPlugins\":[]}", "ok")]
    [InlineData("{", "ok")]
    public async Task The_node_plugin_beside_ours_is_told_of_with_the_command_that_disables_it(string settings, string status)
    {
        var claude = Directory.CreateDirectory(Path.Combine(_bench.Bench.Variables["HOME"], ".claude")).FullName;
        File.WriteAllText(Path.Combine(claude, "settings.json"), settings);
        var end = await _bench.DoctorAsync("--check", "node-plugin");
        Assert.Equal(status, end.StatusOf("node-plugin"));
        if (status == "warning")
            Assert.Equal(["claude plugin disable codex@openai-codex"], end.CommandsOf("node-plugin"));
    }
}
