using CodexCompanion.Pipeline.Turns;
using Xunit;

namespace CodexCompanion.Tool.Tests.Commands;

/// <summary>What a call asks the pipeline for.</summary>
public sealed class TaskRequestTests : IDisposable
{
    private readonly ToolBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("danger-full-access")]
    [InlineData("workspace-write")]
    public async Task A_sandbox_that_the_configuration_widens_is_said_before_the_turn(string sandbox)
    {
        _bench.WriteUserConfig($$"""{"sandbox":"{{sandbox}}"}""");

        var configured = await _bench.RunAsync("task", "hello");
        var asked = await _bench.RunAsync("task", "--sandbox", sandbox, "hello");

        Assert.Contains($"note: The task runs with the sandbox {sandbox}, as the configuration says.", configured.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("as the configuration says", asked.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task By_default_a_new_thread_is_started_read_only()
    {
        var request = await RequestAsync("fix the bug\nin the parser");
        Assert.Equal(SandboxMode.ReadOnly, request.Sandbox);
        Assert.Null(request.ThreadId);
        Assert.Equal("Codex Companion Task: fix the bug", request.ThreadName);
        Assert.Equal(_bench.Work, request.Cwd);
        Assert.Same(_bench.Variables, request.Environment);
        Assert.Equal((_bench.Job.Id, _bench.Job.ClientMessageId), (request.JobId, request.ClientMessageId));
        Assert.False(_bench.Run.Setup!.NoBroker);
        Assert.False(request.Ephemeral);
    }

    [Theory]
    [InlineData("--write", SandboxMode.WorkspaceWrite)]
    [InlineData("--sandbox=workspace-write", SandboxMode.WorkspaceWrite)]
    [InlineData("--sandbox=danger-full-access", SandboxMode.DangerFullAccess)]
    [InlineData("--sandbox=read-only", SandboxMode.ReadOnly)]
    public async Task The_sandbox_of_the_command_line_wins(string option, SandboxMode sandbox)
    {
        _bench.Variables["CODEX_COMPANION_SANDBOX"] = sandbox == SandboxMode.WorkspaceWrite ? "read-only" : "workspace-write";
        Assert.Equal(sandbox, (await RequestAsync(option, "x")).Sandbox);
    }

    [Fact]
    public async Task The_sandbox_of_the_environment_wins_over_the_configuration()
    {
        _bench.WriteUserConfig("""{"sandbox":"danger-full-access"}""");
        Assert.Equal(SandboxMode.DangerFullAccess, (await RequestAsync("x")).Sandbox);
        _bench.Variables["CODEX_COMPANION_SANDBOX"] = "workspace-write";
        Assert.Equal(SandboxMode.WorkspaceWrite, (await RequestAsync("x")).Sandbox);
    }

    [Fact]
    public async Task Options_win_over_settings()
    {
        _bench.WriteUserConfig("""{"model":"spark","effort":"low","codexConfig":{"a":1,"b":2},"limits":{"stall":"1m","time":"2m"}}""");
        var request = await RequestAsync("x");
        Assert.Equal(("gpt-5.3-codex-spark", "low"), (request.Model, request.Effort));

        request = await RequestAsync("-m", "gpt-5.2", "--effort", "high", "-c", "b=3", "-cc.d=[true]", "-c", "b=4", "--time-limit", "90s", "--no-broker", "x");
        Assert.Equal(("gpt-5.2", "high"), (request.Model, request.Effort));
        Assert.Equal(["a=1", "b=4", "c.d=[true]"], request.Config.Order(KeyOrder).Select(pair => $"{pair.Key}={pair.Value.GetRawText()}"));
        var setup = _bench.Run.Setup!;
        Assert.True(setup.NoBroker);
        Assert.Equal(TimeSpan.FromSeconds(90), setup.Limits.Turn);
        Assert.Equal(TimeSpan.FromMinutes(1), setup.Limits.Stall);
    }

    [Fact]
    public async Task A_thread_named_by_id_is_continued()
    {
        var request = await RequestAsync("--thread", "T-1", "x");
        Assert.Equal("T-1", request.ThreadId);
        Assert.Null(request.ThreadName);
    }

    [Theory]
    [InlineData("one", "two", "one")]
    [InlineData(null, "two", "two")]
    [InlineData("", "two", "two")]
    [InlineData(null, null, null)]
    public async Task The_session_is_the_host_s_or_else_our_own(string? host, string? own, string? expected)
    {
        if (host is not null)
            _bench.Variables["CLAUDE_CODE_SESSION_ID"] = host;
        if (own is not null)
            _bench.Variables["CODEX_COMPANION_SESSION_ID"] = own;
        await RequestAsync("x");
        Assert.Equal(expected, _bench.Job.SessionId);
        Assert.Equal(expected, _bench.Run.Setup!.SessionId);
    }

    private static Comparer<KeyValuePair<string, System.Text.Json.JsonElement>> KeyOrder { get; } =
        Comparer<KeyValuePair<string, System.Text.Json.JsonElement>>.Create((a, b) => string.CompareOrdinal(a.Key, b.Key));

    private async Task<TurnRequest> RequestAsync(params string[] arguments)
    {
        Assert.Equal(0, (await _bench.RunAsync(["task", .. arguments])).ExitCode);
        return _bench.Run.Request!;
    }
}
