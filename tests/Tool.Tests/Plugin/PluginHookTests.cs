using System.Diagnostics;
using System.Text.Json;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using Xunit;

namespace CodexCompanion.Tool.Tests.Plugin;

/// <summary>
/// The hooks of the plugin as Claude Code runs them: the words of hooks.json without a shell, the plugin's place in a variable, one object on stdin,
/// and an environment with hardly a PATH.
/// </summary>
public sealed class PluginHookTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ToolBench _bench = new();
    private readonly Dictionary<string, string> _variables;

    public PluginHookTests() => _variables = new Dictionary<string, string>(_bench.Variables, StringComparer.Ordinal)
    {
        ["PATH"] = "/usr/bin:/bin",
        ["CLAUDE_PLUGIN_ROOT"] = RepositoryFolder.PathOf("plugin"),
        ["CLAUDE_PLUGIN_DATA"] = Path.Combine(_bench.Root, "another plugin's"),
        ["CLAUDE_PROJECT_DIR"] = _bench.Work,
        ["CLAUDE_CODE_SESSION_ID"] = "s1",
        ["CLAUDE_ENV_FILE"] = Path.Combine(_bench.Root, "session.env"),
        ["CODEX_COMPANION_SESSION_START_HOOK_LIMIT"] = "1m", // On a busy machine the usual ones may be over before the work is done.
        ["CODEX_COMPANION_SESSION_END_HOOK_LIMIT"] = "1m",
    };

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("CODEX_COMPANION_TOOL")]
    [InlineData("PATH")]
    [InlineData("HOME")]
    public async Task Each_hook_finds_the_tool_and_ends_with_0_and_nothing_on_stderr(string place)
    {
        if (OperatingSystem.IsWindows())
            return;
        Install(place);
        foreach (var name in (string[])["SessionStart", "SessionEnd", "Stop"])
            Assert.Equal((0, "", ""), await HookAsync(name));
        Assert.Contains("export CODEX_COMPANION_SESSION_ID='s1'", await File.ReadAllLinesAsync(_variables["CLAUDE_ENV_FILE"]));
        Assert.False(Directory.Exists(_variables["CLAUDE_PLUGIN_DATA"]));
    }

    [Fact]
    public async Task What_a_hook_has_to_say_is_one_object()
    {
        if (OperatingSystem.IsWindows())
            return;
        Install("CODEX_COMPANION_TOOL");
        var id = JobIds.NewTaskId(TimeProvider.System);
        _bench.Store.CreateJob(new JobRecord { Id = id, Status = JobStatus.Running, SessionId = "s1", Process = new ProcessTable().Self });
        var (exitCode, output, error) = await HookAsync("Stop");
        Assert.Equal((0, ""), (exitCode, error));
        using var json = JsonDocument.Parse(output);
        Assert.Contains($"/codex:cancel {id}", Assert.Single(json.RootElement.EnumerateObject()).Value.GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_tool_the_begin_of_a_session_says_so_and_nothing_else_is_disturbed()
    {
        if (OperatingSystem.IsWindows() || File.Exists("/usr/local/bin/codex-companion"))
            return;
        var (exitCode, output, error) = await HookAsync("SessionStart");
        Assert.Equal((0, ""), (exitCode, error));
        using var json = JsonDocument.Parse(output);
        Assert.Contains("dotnet tool install --global codex-companion", json.RootElement.GetProperty("systemMessage").GetString(), StringComparison.Ordinal);
        Assert.Equal((0, "", ""), await HookAsync("SessionEnd"));
        Assert.Equal((0, "", ""), await HookAsync("Stop"));
    }

    [Fact]
    public async Task A_folder_of_the_session_on_PATH_is_not_searched()
    {
        if (OperatingSystem.IsWindows())
            return;
        Install("CODEX_COMPANION_TOOL");
        _variables["PATH"] = $".:bin:{_variables["PATH"]}";
        _variables.Remove("CODEX_COMPANION_TOOL");
        _bench.WriteFile("codex-companion", "#!/bin/sh\necho taken > taken\n");
        File.SetUnixFileMode(Path.Combine(_bench.Work, "codex-companion"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await HookAsync("SessionEnd");
        Assert.False(File.Exists(Path.Combine(_bench.Work, "taken")));
    }

    private void Install(string place)
    {
        var tool = Path.Combine(AppContext.BaseDirectory, "codex-companion");
        if (place == "CODEX_COMPANION_TOOL")
            _variables[place] = tool;
        else if (place == "PATH")
            _variables[place] += ":" + Linked(Path.Combine(_bench.Root, "bin"));
        else
            Linked(Path.Combine(_variables["HOME"], ".dotnet", "tools"));

        string Linked(string folder)
        {
            Directory.CreateDirectory(folder);
            File.CreateSymbolicLink(Path.Combine(folder, "codex-companion"), tool);
            return folder;
        }
    }

    private async Task<(int ExitCode, string Output, string Error)> HookAsync(string name)
    {
        using var hooks = JsonDocument.Parse(await File.ReadAllTextAsync(RepositoryFolder.PathOf("plugin", "hooks", "hooks.json")));
        var hook = hooks.RootElement.GetProperty("hooks").GetProperty(name)[0].GetProperty("hooks")[0];
        var command = hook.GetProperty("command").GetString()!.Replace("${CLAUDE_PLUGIN_ROOT}", _variables["CLAUDE_PLUGIN_ROOT"], StringComparison.Ordinal);
        var start = new ProcessStartInfo(command, hook.GetProperty("args").EnumerateArray().Select(word => word.GetString()!))
        {
            WorkingDirectory = _bench.Work,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (variable, value) in _variables)
            start.Environment[variable] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.StandardInput.WriteAsync(JsonSerializer.Serialize(new Dictionary<string, string>
            {
                ["session_id"] = "s1",
                ["transcript_path"] = "/home/me/.claude/projects/p/s1.jsonl",
                ["cwd"] = _bench.Work,
                ["hook_event_name"] = name,
                ["reason"] = "clear",
                ["last_assistant_message"] = "Done.",
            }));
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The launcher ends without reading when there is nothing to start.
        }

        await process.WaitForExitAsync().WaitAsync(Patience);
        return (process.ExitCode, await output, await error);
    }
}
