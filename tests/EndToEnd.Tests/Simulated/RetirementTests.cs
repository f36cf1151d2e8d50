using System.Diagnostics;
using CodexCompanion.EndToEnd.Tests.Harness;
using CodexCompanion.EndToEnd.Tests.Tool;

namespace CodexCompanion.EndToEnd.Tests.Simulated;

/// <summary>What makes the next command replace a broker, what sends it past the broker, and what it does not care about.</summary>
public sealed class RetirementTests : IAsyncLifetime
{
    private readonly SimulatedUser _user = new();
    private string[] _options = [];

    private string CodexHome => _user.Home.CodexHome;

    private string Config => Path.Combine(CodexHome, "config.toml");

    private string Login => Path.Combine(CodexHome, "auth.json");

    public Task InitializeAsync()
    {
        File.WriteAllText(Config, "model = \"a\"\n[model_providers.p]\nbase_url = \"http://127.0.0.1:1\"\n[mcp_servers.m]\ncommand = \"true\"\n");
        File.WriteAllText(Login, Tokens("account-1", "token-1"));
        _user.UseCodex($"exec '{ToolUnderTest.Path}' \"$@\"");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _user.DisposeAsync();

    [LinuxTheory]
    [InlineData("another account")]
    [InlineData("a logout")]
    [InlineData("another CODEX_HOME")]
    [InlineData("another provider")]
    [InlineData("another MCP server")]
    [InlineData("another key")]
    [InlineData("another proxy")]
    [InlineData("another codex")]
    public async Task The_next_command_has_a_new_broker_and_the_old_one_goes_with_its_app_server(string what)
    {
        _user.Set("CODEX_COMPANION_FINGERPRINT_CONFLICT_LIMIT", "1ms"); // Else a broker as young as this one is left alone.
        await _user.TaskAsync("hello");
        var old = await _user.BrokerAsync();

        Change(what);

        Assert.Contains("[Connect] started", await TrailAsync(), StringComparison.Ordinal);
        await Eventually.TrueAsync(() => !ProcessTable.Lives(old.Pid) && !ProcessTable.Lives(old.AppServerPid), "the old ones are gone");
        Assert.NotEqual(old.Pid, Assert.Single(_user.Brokers()).Pid);
    }

    [LinuxFact]
    public async Task None_of_what_does_not_count_replaces_it()
    {
        _user.Set("CODEX_COMPANION_FINGERPRINT_CONFLICT_LIMIT", "1ms");
        await _user.TaskAsync("hello");
        var broker = await _user.BrokerAsync();

        foreach (var what in (string[])["a refreshed token", "another model", "another PATH", "another program's token", "another session", "a folder below", "another limit"])
        {
            Change(what);
            Assert.Contains("[Connect] connected", await TrailAsync(), StringComparison.Ordinal);
            Assert.Equal((what, broker), (what, await _user.BrokerAsync()));
        }
    }

    [LinuxFact]
    public async Task While_it_runs_a_turn_another_account_goes_past_it_and_then_replaces_it()
    {
        _user.Set("CODEX_COMPANION_FINGERPRINT_CONFLICT_LIMIT", "1ms");
        await using var task = _user.Start("task", "--json", "sim: run touch began; while ! [ -e over ]; do sleep 0.05; done\nsim: reply \"of the first account\"");
        await ToolUser.WhileRunningAsync(task, () => File.Exists(_user.Home.InWorkspace("began")), "its turn runs");

        Change("another account");

        Assert.Contains("The broker serves another Codex, account or configuration and is in use.", await TrailAsync(), StringComparison.Ordinal);
        await File.WriteAllTextAsync(_user.Home.InWorkspace("over"), "");
        Assert.Equal("of the first account", TaskResult.Of(await task.EndAsync()).RawOutput);
        Assert.Contains("[Connect] started", await TrailAsync(), StringComparison.Ordinal);
    }

    [LinuxFact]
    public async Task Two_accounts_in_turn_do_not_replace_each_others_young_broker()
    {
        await _user.TaskAsync("hello");
        var broker = await _user.BrokerAsync();

        Change("another account");
        Assert.Contains("[FallbackDirect]", await TrailAsync(), StringComparison.Ordinal);
        await File.WriteAllTextAsync(Login, Tokens("account-1", "token-1"));

        Assert.Contains("[Connect] connected", await TrailAsync(), StringComparison.Ordinal);
        Assert.Equal(broker, await _user.BrokerAsync());
    }

    [LinuxTheory]
    [InlineData("CODEX_COMPANION_IDLE_LIMIT", "idle")]
    [InlineData("CODEX_COMPANION_BROKER_AGE_LIMIT", "too old")]
    public async Task Idle_or_old_it_goes_by_itself_and_leaves_nothing(string limit, string reason)
    {
        _user.Set(limit, "2s");
        await _user.TaskAsync("hello");

        await Eventually.TrueAsync(() => _user.Home.Processes().Count == 0, "broker and app-server have gone");

        Assert.Null(_user.Home.BrokerRecord());
        Assert.Empty(Leftovers.SocketsBelow(_user.Home.Root));
        Assert.Contains("draining: " + reason, _user.BrokerLog(), StringComparison.Ordinal);
    }

    private void Change(string what)
    {
        switch (what)
        {
            case "another account":
                File.WriteAllText(Login, Tokens("account-2", "token-1"));
                break;
            case "a logout":
                File.Delete(Login);
                break;
            case "a refreshed token":
                File.WriteAllText(Login, Tokens("account-1", "token-2"));
                break;
            case "another CODEX_HOME":
                var home = Directory.CreateDirectory(Path.Combine(_user.Home.Root, "codex-2")).FullName;
                File.Copy(Path.Combine(CodexHome, "simulation.json"), Path.Combine(home, "simulation.json"));
                _user.Set("CODEX_HOME", home);
                break;
            case "another provider":
                File.AppendAllText(Config, "[model_providers.q]\nbase_url = \"http://127.0.0.1:2\"\n");
                break;
            case "another MCP server":
                File.WriteAllText(Config, File.ReadAllText(Config).Replace("command = \"true\"", "command = \"false\"", StringComparison.Ordinal));
                break;
            case "another model":
                File.WriteAllText(Config, File.ReadAllText(Config).Replace("model = \"a\"", "model = \"b\"\n[projects.\"/x\"]\ntrust_level = \"trusted\"", StringComparison.Ordinal));
                break;
            case "another key":
                _user.Set("OPENAI_API_KEY", "sk-other");
                break;
            case "another proxy":
                _user.Set("HTTPS_PROXY", "http://127.0.0.1:9");
                break;
            case "another codex":
                _user.UseCodex($"exec '{ToolUnderTest.Path}' \"$@\" # another build");
                break;
            case "another PATH":
                _user.Set("PATH", "/opt/more:/usr/local/bin:/usr/bin:/bin");
                break;
            case "another program's token":
                _user.Set("GITHUB_TOKEN", "ghp-other");
                break;
            case "another session":
                _user.Set("CODEX_COMPANION_SESSION_ID", "session-2");
                break;
            case "a folder below":
                _options = ["--cwd", Directory.CreateDirectory(_user.Home.InWorkspace("below")).FullName];
                break;
            case "another limit":
                _user.Set("CODEX_COMPANION_STALL_LIMIT", "5m");
                break;
            default:
                throw new UnreachableException(what);
        }
    }

    private async Task<string> TrailAsync()
    {
        var run = await _user.RunAsync(["task", "--verbose", .. _options, "sim: reply \"answered\""]);
        Assert.True(run.ExitCode == 0 && run.Output == "answered\n", run.ToString());
        return run.Error;
    }

    private static string Tokens(string account, string token) => $$$"""{"tokens":{"account_id":"{{{account}}}","access_token":"{{{token}}}"}}""";
}
