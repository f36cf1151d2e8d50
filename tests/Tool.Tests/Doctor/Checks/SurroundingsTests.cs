using System.Diagnostics;
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
    [InlineData("CODEX_COMPANION_MODLE", "x", "warning", "export CODEX_COMPANION_MODEL=\"$CODEX_COMPANION_MODLE\"")]
    [InlineData("CODEX_COMPANION_SESSION_ID", "old", "warning", "unset CODEX_COMPANION_SESSION_ID")]
    public async Task A_variable_that_makes_no_sense_is_named_with_a_remedy(string name, string value, string status, string command)
    {
        _bench.Bench.Variables["CLAUDE_CODE_SESSION_ID"] = "current";
        _bench.Bench.Variables[name] = value;
        var end = await _bench.DoctorAsync("--check", "session-env");
        Assert.Equal((status, status == "problem" ? 1 : 0), (end.StatusOf("session-env"), end.ExitCode));
        Assert.Contains(command, end.CommandsOf("session-env"));
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

    [Fact]
    public async Task A_dead_folder_of_a_node_broker_is_emptied_and_its_log_kept()
    {
        var dead = LegacyFolder("cxc-dead");
        var logged = LegacyFolder("cxc-logged");
        File.WriteAllText(Path.Combine(logged, "broker.log"), "something");
        var unasked = new DoctorEnd(0, (await _bench.Bench.RunAsync("doctor", "--dry-run", "--json")).Json);
        Assert.Equal("skipped", unasked.StatusOf("legacy-state"));
        Assert.Equal("problem", (await _bench.LookAsync("--all")).StatusOf("legacy-state"));
        Assert.Equal("repaired", (await _bench.DoctorAsync("--check", "legacy-state")).StatusOf("legacy-state"));
        Assert.False(Directory.Exists(dead));
        Assert.Equal(["broker.log"], Directory.GetFileSystemEntries(logged).Select(Path.GetFileName));
        Assert.Equal("ok", (await _bench.DoctorAsync("--all")).StatusOf("legacy-state"));
    }

    [Fact]
    public async Task A_node_broker_that_lives_is_left_alone()
    {
        var listening = LegacyFolder("cxc-listening", alive: true);
        var starting = LegacyFolder("cxc-starting");
        var script = Path.Combine(_bench.Temp, "app-server-broker.mjs");
        File.WriteAllText(script, "sleep 600");
        using var broker = Process.Start("sh", [script, "serve", "--endpoint", $"unix:{starting}/broker.sock"]);
        try
        {
            await _bench.IsLeftAloneAsync("legacy-state");
            Assert.True(Directory.Exists(listening));
            Assert.False(broker.HasExited);

            // Without its folder nobody can reach it any more.
            Directory.Delete(starting, recursive: true);
            Assert.Equal("problem", (await _bench.DoctorAsync("--check", "legacy-state")).StatusOf("legacy-state"));
            Assert.False(broker.HasExited);
            Assert.Equal("repaired", (await _bench.DoctorAsync("--force", "--check", "legacy-state")).StatusOf("legacy-state"));
            await broker.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        }
        finally
        {
            broker.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task The_node_runtimes_jobs_are_imported_on_request_only()
    {
        var folder = Path.Combine(_bench.Bench.Variables["HOME"], ".claude", "plugins", "data", "codex-openai-codex", "state", Path.GetFileName(_bench.Paths.Directory), "jobs");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "task-old-1.json"), "{\"id\":\"task-old-1\",\"status\":\"completed\",\"title\":\"Codex Task\",\"rendered\":\"the result\",\"createdAt\":\"2026-01-02T03:04:05.000Z\"}");
        File.WriteAllText(Path.Combine(folder, "task-old-1.log"), "[2026-01-02T03:04:05.000Z] Starting\n");
        File.WriteAllText(Path.Combine(folder, "task-old-2.json"), "{\"id\":\"task-old-2\",\"status\":\"running\",\"pid\":1}");
        File.WriteAllText(Path.Combine(folder, "task-old-3.json"), "{");
        Directory.CreateDirectory(Path.GetDirectoryName(_bench.Paths.Root)!);
        var before = Directory.GetFiles(folder).ToDictionary(path => path, File.ReadAllText, StringComparer.Ordinal);

        var offered = await _bench.DoctorAsync("--all");
        Assert.Equal(("warning", 0), (offered.StatusOf("legacy-state"), offered.ExitCode));
        Assert.Empty(_bench.Store.ListJobs());
        var end = await _bench.Bench.RunAsync("doctor", "--import-legacy", "--json");
        Assert.Equal(["task-old-1"], end.Json.GetProperty("imported").EnumerateArray().Select(id => id.GetString()));
        Assert.Equal("the result", _bench.Store.ReadJob("task-old-1").Value!.Rendered);
        Assert.StartsWith("[2026-01-02", File.ReadAllText(_bench.Paths.JobLog("task-old-1")), StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFiles(folder).ToDictionary(path => path, File.ReadAllText, StringComparer.Ordinal));

        end = await _bench.Bench.RunAsync("doctor", "--import-legacy");
        Assert.StartsWith("0 jobs imported, 1 known already, 1 unreadable", end.Out, StringComparison.Ordinal);
        Assert.Equal("ok", (await _bench.DoctorAsync("--all")).StatusOf("legacy-state"));
    }

    private string LegacyFolder(string name, bool alive = false)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_bench.Temp, name)).FullName;
        File.Move(alive ? _bench.MuteSocket(name.Replace("-", "", StringComparison.Ordinal)) : _bench.DeadSocket(name.Replace("-", "", StringComparison.Ordinal)), Path.Combine(folder, "broker.sock"));
        File.WriteAllText(Path.Combine(folder, "broker.pid"), "2147483646");
        return folder;
    }
}
