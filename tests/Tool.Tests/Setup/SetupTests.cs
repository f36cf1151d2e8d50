using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using CodexCompanion.Pipeline;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Selftest.Simulator.Script;
using CodexCompanion.Tool.Setup;
using CodexCompanion.Tool.Tests.Jobs;
using CodexCompanion.Tool.Tests.Selftest.Simulator;
using Xunit;

namespace CodexCompanion.Tool.Tests.Setup;

/// <summary>setup and usage against the simulated app-server, started as codex would be.</summary>
public sealed class SetupTests : IDisposable
{
    private readonly ToolBench _tool = new();
    private readonly SimulationFolder _simulation = new();

    public SetupTests()
    {
        _tool.Variables["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "";
        _tool.Variables["CODEX_HOME"] = _simulation.Home;
        _tool.Variables["CODEX_COMPANION_CODEX"] = JobProcessBench.Program;
    }

    public void Dispose()
    {
        _tool.Dispose();
        _simulation.Dispose();
    }

    [Fact]
    public async Task Setup_shows_codex_login_programs_quota_and_runtime()
    {
        var json = (await _tool.RunAsync("setup", "--json")).Json;

        Assert.True(json.GetProperty("ready").GetBoolean());
        Assert.Contains("advanced runtime available", json.GetProperty("codex").GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal((JobProcessBench.Program, "0.169.0"), (json.GetProperty("codex").GetProperty("path").GetString(), json.GetProperty("codex").GetProperty("version").GetString()));
        Assert.Equal("ChatGPT login active for simulated@example.invalid", json.GetProperty("auth").GetProperty("detail").GetString());
        Assert.True(json.GetProperty("auth").GetProperty("verified").GetBoolean());
        Assert.Equal("direct", json.GetProperty("sessionRuntime").GetProperty("mode").GetString());
        Assert.StartsWith("git version", json.GetProperty("git").GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(12, json.GetProperty("quota").GetProperty("windows")[0].GetProperty("usedPercent").GetDouble());
        foreach (var name in (string[])["node", "npm", "reviewGateEnabled", "actionsTaken", "nextSteps", "sandbox", "tool", "workspaceRoot"])
            Assert.True(json.TryGetProperty(name, out _), name);
    }

    [Theory]
    [InlineData(SimulatedAccount.ApiKey, true, "API key configured (unverified)")]
    [InlineData(SimulatedAccount.NotRequired, true, "is configured and does not require OpenAI authentication")]
    [InlineData(SimulatedAccount.LoggedOut, false, "requires OpenAI authentication")]
    public async Task Every_kind_of_login_is_told_as_it_is(object account, bool loggedIn, string detail)
    {
        _simulation.Use(new SimulationScript(Account: (SimulatedAccount)account));

        var end = await _tool.RunAsync("setup", "--json", "--check");

        Assert.Equal(loggedIn ? 0 : 4, end.ExitCode);
        Assert.Equal(loggedIn, end.Json.GetProperty("ready").GetBoolean());
        Assert.Contains(detail, end.Json.GetProperty("auth").GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(loggedIn ? [] : ["codex login"], end.Json.GetProperty("nextSteps").EnumerateArray().Select(step => step.GetString()!));
    }

    [Theory]
    [InlineData("k", true, "Mine is configured and does not require OpenAI authentication")]
    [InlineData(" ", false, "Mine takes its key from the environment variable MINE_KEY, which is not set")]
    [InlineData(null, false, "Mine takes its key from the environment variable MINE_KEY, which is not set")]
    public void A_provider_that_takes_its_key_from_a_variable_needs_it(string? value, bool loggedIn, string detail)
    {
        using var account = JsonDocument.Parse("""{"account":null,"requiresOpenaiAuth":false}""");
        using var config = JsonDocument.Parse("""{"model_provider":"mine","model_providers":{"mine":{"name":"Mine","env_key":"MINE_KEY"}}}""");
        var variables = value is null ? [] : new Dictionary<string, string>(StringComparer.Ordinal) { ["MINE_KEY"] = value };

        var state = LoginState.WithKey(LoginState.Of(account.RootElement, config.RootElement), config.RootElement, variables);

        Assert.Equal((loggedIn, detail), (state.LoggedIn, state.Detail));
        Assert.Equal(loggedIn, state.Remedy is null);
        Assert.Contains("MINE_KEY", state.Remedy ?? "MINE_KEY", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_codex_setup_is_not_ready_and_says_the_one_next_step()
    {
        _tool.Variables.Remove("CODEX_COMPANION_CODEX");
        _tool.Variables["PATH"] = "/nowhere";

        var end = await _tool.RunAsync("setup");

        Assert.Equal(0, end.ExitCode);
        Assert.Contains("Status: not ready", end.Out, StringComparison.Ordinal);
        Assert.Contains("npm, which installs it, is not on PATH either; it comes with Node.js.\n", end.Out, StringComparison.Ordinal);
        Assert.EndsWith("Next: npm install -g @openai/codex\n", end.Out, StringComparison.Ordinal);
        Assert.Equal(4, (await _tool.RunAsync("setup", "--check")).ExitCode);
    }

    [Fact]
    public async Task A_codex_that_the_configuration_names_and_that_is_not_there_is_not_to_be_installed()
    {
        _tool.Variables.Remove("CODEX_COMPANION_CODEX");
        _tool.WriteUserConfig("""{"codexPath":"/nowhere/codex"}""");

        Assert.EndsWith("Next: codex-companion config show --origin\n", (await _tool.RunAsync("setup")).Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", "No shared runtime runs yet; the first task starts one.")]
    [InlineData("1", "Each task has a runtime of its own: noBroker is set.")]
    public async Task Where_no_broker_is_wanted_setup_promises_none(string noBroker, string detail)
    {
        _tool.Variables["CODEX_COMPANION_NO_BROKER"] = noBroker;

        Assert.Equal(detail, (await _tool.RunAsync("setup", "--json")).Json.GetProperty("sessionRuntime").GetProperty("detail").GetString());
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_sandbox_that_does_not_work_is_shown_with_the_command_that_says_more()
    {
        var codex = Path.Combine(_tool.Root, "codex");
        File.WriteAllText(codex, $"#!/bin/sh\n[ \"$1\" = sandbox ] || exec '{JobProcessBench.Program}' \"$@\"\necho 'bwrap: No permissions' >&2\nexit 1\n");
        File.SetUnixFileMode(codex, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _tool.Variables["CODEX_COMPANION_CODEX"] = codex;

        var end = await _tool.RunAsync("setup");

        Assert.Contains("!!  sandbox Codex's sandbox does not work here: bwrap: No permissions\n", end.Out, StringComparison.Ordinal);
        Assert.EndsWith("Next: codex-companion doctor --check sandbox-support\n", end.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stale_broker_record_does_not_hide_the_login()
    {
        Publish("/nowhere/at/all.sock");

        var json = (await _tool.RunAsync("setup", "--json")).Json;

        Assert.True(json.GetProperty("auth").GetProperty("loggedIn").GetBoolean());
        Assert.Equal("direct", json.GetProperty("sessionRuntime").GetProperty("mode").GetString());
    }

    [Fact]
    public async Task A_broker_that_accepts_and_never_answers_costs_its_time_limit_and_hides_nothing()
    {
        _tool.Variables["CODEX_COMPANION_HANDSHAKE_LIMIT"] = "100ms";
        using var mute = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var path = Path.Combine(_tool.Root, "mute.sock");
        mute.Bind(new UnixDomainSocketEndPoint(path));
        mute.Listen();
        Publish(path);

        var json = (await _tool.RunAsync("setup", "--json")).Json;

        using var visitor = mute.Accept(); // It was tried.
        Assert.True(json.GetProperty("auth").GetProperty("loggedIn").GetBoolean());
    }

    [Fact]
    public async Task A_broker_that_greets_and_answers_nothing_else_costs_its_time_limit_and_hides_nothing()
    {
        // As long as the simulated server of our own may take on a busy machine.
        _tool.Variables["CODEX_COMPANION_INTERRUPT_CONFIRMED_LIMIT"] = "3s";
        using var listening = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var path = Path.Combine(_tool.Root, "greets.sock");
        listening.Bind(new UnixDomainSocketEndPoint(path));
        listening.Listen();
        Publish(path);

        var setup = _tool.RunAsync("setup", "--json");
        using var connection = await listening.AcceptAsync();
        using var reader = new StreamReader(new NetworkStream(connection));
        using var hello = JsonDocument.Parse((await reader.ReadLineAsync())!);
        await connection.SendAsync(Greeting(hello.RootElement));
        using var asked = JsonDocument.Parse((await reader.ReadLineAsync())!);
        var json = (await setup).Json;

        Assert.Equal("account/read", asked.RootElement.GetProperty("method").GetString());
        Assert.True(json.GetProperty("auth").GetProperty("loggedIn").GetBoolean());
        Assert.Equal(12, json.GetProperty("quota").GetProperty("windows")[0].GetProperty("usedPercent").GetDouble());
    }

    [Fact]
    public async Task The_gate_is_switched_on_and_off_but_not_both()
    {
        Assert.Equal(2, (await _tool.RunAsync("setup", "--enable-review-gate", "--disable-review-gate")).ExitCode);
        Assert.False(_tool.Store.ReadConfig().Value?.StopReviewGate ?? false);

        var on = await _tool.RunAsync("setup", "--enable-review-gate", "--json");

        Assert.True(on.Json.GetProperty("reviewGateEnabled").GetBoolean());
        Assert.Single(on.Json.GetProperty("actionsTaken").EnumerateArray());
        Assert.True(_tool.Store.ReadConfig().Value!.StopReviewGate);
        Assert.False((await _tool.RunAsync("setup", "--disable-review-gate", "--json")).Json.GetProperty("reviewGateEnabled").GetBoolean());
    }

    [Fact]
    public async Task Usage_counts_of_a_resumed_thread_only_what_is_new()
    {
        Record("task-one", "t1", total: 100, minutes: 0);
        Record("task-two", "t1", total: 150, minutes: 1);
        Record("task-three", "t2", total: 7, minutes: 2);
        Record("task-four", "t3", total: null, minutes: 3);

        var json = (await _tool.RunAsync("usage", "--json")).Json;

        Assert.Equal((4, 3, 157), (json.GetProperty("jobs").GetInt32(), json.GetProperty("jobsWithUsage").GetInt32(), json.GetProperty("totalTokens").GetInt32()));
        Assert.Equal("codex", json.GetProperty("quota").GetProperty("windows")[0].GetProperty("limit").GetString());
        Assert.Contains("157 tokens in 3 of 4 recorded jobs", (await _tool.RunAsync("usage")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Windows_of_several_limits_are_told_apart_and_odd_ones_survive()
    {
        using var answer = JsonDocument.Parse(
            """{"rateLimits":{"planType":"pro"},"rateLimitsByLimitId":{"codex":{"primary":{"usedPercent":1.5,"windowDurationMins":300,"resetsAt":1795828209},"secondary":{"usedPercent":40,"windowDurationMins":10080,"resetsAt":null}},"extra":{"primary":{"usedPercent":9,"windowDurationMins":61,"resetsAt":99999999999999}}}}""");

        var quota = Quota.Of(answer.RootElement);

        Assert.Equal("pro", quota.Plan);
        Assert.Equal(
            ["codex 5h: 1.5% used, resets 2026-11-28 01:10 UTC (in 1h 10m)", "codex 7d: 40% used", "extra 61m: 9% used"],
            quota.Windows.Select(window => window.Line(new DateTimeOffset(2026, 11, 28, 0, 0, 0, TimeSpan.Zero))));
    }

    private byte[] Greeting(JsonElement hello)
    {
        var record = _tool.Store.ReadBroker().Value!;
        var answer = new HelloResult
        {
            Cookie = hello.GetProperty("params").GetProperty("cookie").GetString()!,
            InstanceId = record.InstanceId,
            Protocol = BrokerProtocol.Version,
            ToolVersion = "0",
            Fingerprint = record.Fingerprint,
            Process = record.Process,
        };
        return Encoding.UTF8.GetBytes(
            $$"""{"id":{{hello.GetProperty("id").GetRawText()}},"result":{{Encoding.UTF8.GetString(BrokerJson.HelloResult.ToBytes(answer).Span)}}}""" + "\n");
    }

    // A record that says it is meant for us, so that the broker is tried.
    private void Publish(string endpoint)
    {
        var host = _tool.Host(Stream.Null, Stream.Null);
        var setup = Wiring.PipelineSetup(host, _tool.StateRootPath, new TimeLimits(), JobProcessBench.Program);
        var store = _tool.Store;
        store.EnsureCreated();
        store.PublishBroker(new BrokerRecord
        {
            InstanceId = "0a1b2c3d4e5f",
            Endpoint = endpoint,
            Process = host.Processes().Self,
            StartedAt = TimeProvider.System.GetUtcNow(),
            Protocol = BrokerProtocol.Version,
            ToolVersion = "0",
            Fingerprint = new CodexInUse(setup).Fingerprint,
            LogFile = "none",
        });
    }

    private void Record(string id, string thread, int? total, int minutes)
    {
        using var usage = JsonDocument.Parse($$$"""{"total":{"totalTokens":{{{total ?? 0}}},"inputTokens":1}}""");
        _tool.Store.CreateJob(new JobRecord
        {
            Id = id,
            ThreadId = thread,
            Model = "m",
            Status = JobStatus.Completed,
            CreatedAt = new DateTimeOffset(2026, 11, 1, 0, minutes, 0, TimeSpan.Zero),
            Usage = total is null ? null : usage.RootElement.Clone(),
        });
    }
}
