using System.Diagnostics;
using Xunit;

namespace CodexCompanion.Tool.Tests.Hooks;

public sealed class SessionStartHookTests : IDisposable
{
    private readonly ToolBench _bench = new();

    public SessionStartHookTests()
    {
        _bench.Variables["CLAUDE_ENV_FILE"] = EnvFile;

        // On a busy machine the usual limit may be over before the work is done.
        _bench.Variables["CODEX_COMPANION_SESSION_START_HOOK_LIMIT"] = "1m";
    }

    private string EnvFile => Path.Combine(_bench.Root, "env file");

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task It_exports_our_own_names_and_nothing_else()
    {
        _bench.Variables["CLAUDE_PLUGIN_DATA"] = "/plugin";
        await StartAsync("s1", "/home/u/t.jsonl");
        Assert.Equal(
            $"export CODEX_COMPANION_SESSION_ID='s1'\nexport CODEX_COMPANION_TRANSCRIPT_PATH='/home/u/t.jsonl'\nexport CODEX_COMPANION_STATE_DIR='{_bench.StateRootPath}'\n",
            await File.ReadAllTextAsync(EnvFile));
        Assert.False(Directory.Exists(_bench.StateRootPath));
    }

    [Fact]
    public async Task A_hundred_runs_at_once_leave_each_line_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(async () =>
        {
            using var bench = new ToolBench();
            foreach (var (name, value) in _bench.Variables)
                bench.Variables[name] = value;
            bench.StdinText("{\"session_id\":\"s1\",\"transcript_path\":\"/t\"}");
            Assert.Equal((0, ""), ((await bench.RunAsync("hook", "session-start")) is var end ? end.ExitCode : -1, end.Out));
        })));
        Assert.Equal(3, (await File.ReadAllLinesAsync(EnvFile)).Length);
    }

    [Fact]
    public async Task What_others_wrote_stays_even_without_an_end_of_line()
    {
        await File.WriteAllTextAsync(EnvFile, "export OTHER=1\necho export CODEX_COMPANION_SESSION_ID='s1'\nexport LAST=2");
        await StartAsync("s1", "/t");
        var lines = await File.ReadAllLinesAsync(EnvFile);
        Assert.Equal(["export OTHER=1", "echo export CODEX_COMPANION_SESSION_ID='s1'", "export LAST=2", "export CODEX_COMPANION_SESSION_ID='s1'"], lines[..4]);
    }

    [Fact]
    public async Task The_last_session_is_the_one_that_counts()
    {
        foreach (var session in (string[])["s1", "s2", "s1", "s1"])
            await StartAsync(session, "/t");
        Assert.Equal(["'s1'", "'s2'", "'s1'"], (await File.ReadAllLinesAsync(EnvFile)).Where(line => line.Contains("SESSION_ID", StringComparison.Ordinal)).Select(line => line.Split('=')[1]));
    }

    [Fact]
    public async Task A_shell_reads_back_what_was_meant()
    {
        if (OperatingSystem.IsWindows())
            return;
        const string Nasty = "a'b \"$(touch pwned)\" `id` \\ \u00e9\nline two; echo 'x'";
        await StartAsync(Nasty, "/t");
        await StartAsync(Nasty, "/t");
        var start = new ProcessStartInfo("/bin/sh", ["-c", ". \"$1\"; printf %s \"$CODEX_COMPANION_SESSION_ID\"", "sh", EnvFile])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
            WorkingDirectory = _bench.Work,
        };
        using var shell = Process.Start(start)!;
        Assert.Equal(Nasty, await shell.StandardOutput.ReadToEndAsync());
        await shell.WaitForExitAsync();
        Assert.False(File.Exists(Path.Combine(_bench.Work, "pwned")));
        Assert.Equal(1, (await File.ReadAllTextAsync(EnvFile)).Split("export CODEX_COMPANION_SESSION_ID").Length - 1);
    }

    [Fact]
    public async Task Without_a_file_it_does_nothing_and_reads_nothing()
    {
        _bench.Variables.Remove("CLAUDE_ENV_FILE");
        var end = await _bench.RunAsync("hook", "session-start");
        Assert.Equal((0, "", false), (end.ExitCode, end.Out, _bench.StdinTouched));
    }

    [Fact]
    public async Task The_variable_of_the_host_stands_in_for_a_session_that_is_missing()
    {
        _bench.Variables["CLAUDE_CODE_SESSION_ID"] = "from-host";
        _bench.StdinText("");
        await _bench.RunAsync("hook", "session-start");
        Assert.Contains("export CODEX_COMPANION_SESSION_ID='from-host'\n", await File.ReadAllTextAsync(EnvFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_is_followed_to_the_file_it_means()
    {
        if (OperatingSystem.IsWindows())
            return;
        File.CreateSymbolicLink(EnvFile, Path.Combine(_bench.Root, "real"));
        await File.WriteAllTextAsync(Path.Combine(_bench.Root, "real"), "");
        await StartAsync("s1", "/t");
        Assert.Equal(3, (await File.ReadAllLinesAsync(Path.Combine(_bench.Root, "real"))).Length);
    }

    [Theory]
    [InlineData("no/such/folder/env")]
    [InlineData(".")]
    public async Task A_file_that_cannot_be_written_is_a_note(string path)
    {
        _bench.Variables["CLAUDE_ENV_FILE"] = Path.Combine(_bench.Root, path);
        _bench.StdinText("{\"session_id\":\"s1\"}");
        var end = await _bench.RunAsync("hook", "session-start");
        Assert.Equal(0, end.ExitCode);
        Assert.Contains("are not told its id", end.Json.GetProperty("systemMessage").GetString(), StringComparison.Ordinal);
    }

    private async Task StartAsync(string session, string transcript)
    {
        _bench.StdinText($"{{\"session_id\":{System.Text.Json.JsonSerializer.Serialize(session)},\"transcript_path\":\"{transcript}\",\"hook_event_name\":\"SessionStart\"}}");
        var end = await _bench.RunAsync("hook", "session-start");
        Assert.Equal((0, "", ""), (end.ExitCode, end.Out, end.Error));
    }
}
