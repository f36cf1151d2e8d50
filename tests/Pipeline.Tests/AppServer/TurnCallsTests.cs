using System.Text.Json;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Tests.Turns;
using CodexCompanion.Pipeline.Turns;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.AppServer;

/// <summary>What goes to the server with a thread and with a turn.</summary>
public sealed class TurnCallsTests : IDisposable
{
    private readonly TurnBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task The_thread_and_the_turn_carry_what_was_asked_for()
    {
        _bench.Request = _bench.Request with
        {
            Prompt = "Line one\nline “two” \u2028 end",
            Model = "m-9",
            Effort = "low",
            OutputSchema = JsonDocument.Parse("""{"type":"object"}""").RootElement,
        };
        await RunAsync();

        var thread = _bench.Session.ParamsOf("thread/start");
        Assert.Equal(("/w", "m-9", "never", "read-only"), (Text(thread, "cwd"), Text(thread, "model"), Text(thread, "approvalPolicy"), Text(thread, "sandbox")));
        Assert.False(thread.TryGetProperty("ephemeral", out _));
        var turn = _bench.Session.ParamsOf("turn/start");
        Assert.Equal(
            ("t1", "cm-1", "/w", "m-9", "low"),
            (Text(turn, "threadId"), Text(turn, "clientUserMessageId"), Text(turn, "cwd"), Text(turn, "model"), Text(turn, "effort")));
        Assert.Equal(_bench.Request.Prompt, Text(turn.GetProperty("input")[0], "text"));
        Assert.Equal("object", Text(turn.GetProperty("outputSchema"), "type"));
    }

    [Fact]
    public async Task What_was_not_asked_for_is_left_to_the_users_own_configuration()
    {
        await RunAsync();
        Assert.False(_bench.Session.ParamsOf("thread/start").TryGetProperty("model", out _));
        Assert.False(_bench.Session.ParamsOf("turn/start").TryGetProperty("model", out _));
        Assert.False(_bench.Session.ParamsOf("turn/start").TryGetProperty("effort", out _));
        Assert.False(_bench.Session.ParamsOf("turn/start").TryGetProperty("outputSchema", out _));
    }

    [Fact]
    public async Task The_turn_gets_the_policy_the_server_made_of_the_users_settings()
    {
        _bench.Request = _bench.Request with { Sandbox = SandboxMode.WorkspaceWrite };
        const string policy = """{"type":"workspaceWrite","writableRoots":["/cache"],"networkAccess":true,"excludeTmpdirEnvVar":false,"excludeSlashTmp":true}""";
        _bench.Session.Answer("thread/start", $$"""{"thread":{"id":"t1"},"sandbox":{{policy}} }""");
        await RunAsync();
        Assert.Equal("workspace-write", Text(_bench.Session.ParamsOf("thread/start"), "sandbox"));
        Assert.Equal(policy, _bench.Session.ParamsOf("turn/start").GetProperty("sandboxPolicy").GetRawText());
    }

    [Fact]
    public async Task A_thread_that_was_still_loaded_gets_its_new_sandbox_with_the_turn()
    {
        _bench.Request = _bench.Request with { ThreadId = "t1", Sandbox = SandboxMode.WorkspaceWrite };
        _bench.Session.Answer("config/read", """{"config":{"sandbox_workspace_write":{"network_access":true,"writable_roots":["/cache"],"exclude_slash_tmp":true}}}""");
        await RunAsync();
        Assert.Equal(
            """{"type":"workspaceWrite","writableRoots":["/cache"],"networkAccess":true,"excludeTmpdirEnvVar":false,"excludeSlashTmp":true}""",
            _bench.Session.ParamsOf("turn/start").GetProperty("sandboxPolicy").GetRawText());
    }

    [Theory]
    [InlineData(SandboxMode.WorkspaceWrite, true)]
    [InlineData(SandboxMode.ReadOnly, false)]
    public async Task In_a_linked_worktree_what_a_commit_writes_may_be_written(SandboxMode sandbox, bool opened)
    {
        var root = Directory.CreateTempSubdirectory("pipeline-tests-").FullName;
        try
        {
            var own = Directory.CreateDirectory(Path.Combine(root, "main", ".git", "worktrees", "tree")).FullName;
            var objects = Directory.CreateDirectory(Path.Combine(root, "main", ".git", "objects")).FullName;
            var tree = Directory.CreateDirectory(Path.Combine(root, "tree")).FullName;
            await File.WriteAllTextAsync(Path.Combine(root, "main", ".git", "HEAD"), "ref: refs/heads/main\n");
            await File.WriteAllTextAsync(Path.Combine(tree, ".git"), $"gitdir: {own}\n");
            await File.WriteAllTextAsync(Path.Combine(own, "gitdir"), $"{tree}/.git\n");
            await File.WriteAllTextAsync(Path.Combine(own, "commondir"), "../..\n");
            _bench.Request = _bench.Request with { Sandbox = sandbox, Cwd = tree };
            var policy = sandbox == SandboxMode.ReadOnly ? """{"type":"readOnly"}""" : $$"""{"type":"workspaceWrite","writableRoots":["/cache","{{objects}}"],"networkAccess":false}""";
            _bench.Session.Answer("thread/start", $$"""{"thread":{"id":"t1"},"sandbox":{{policy}}}""");
            await RunAsync();

            var sent = _bench.Session.ParamsOf("turn/start").GetProperty("sandboxPolicy");
            Assert.Equal(opened ? ["/cache", objects, own] : [], sent.Texts("writableRoots"));
            Assert.Equal(opened, _bench.Notes.Any(note => note.Contains(own, StringComparison.Ordinal)));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Theory]
    [InlineData(SandboxMode.ReadOnly, """{"type":"readOnly","networkAccess":false}""")]
    [InlineData(SandboxMode.DangerFullAccess, """{"type":"dangerFullAccess"}""")]
    public async Task A_server_that_names_no_policy_is_sent_one(SandboxMode sandbox, string policy)
    {
        _bench.Request = _bench.Request with { Sandbox = sandbox };
        _bench.Session.Answer("thread/start", """{"thread":{"id":"t1"}}""");
        await RunAsync();
        Assert.Equal(policy, _bench.Session.ParamsOf("turn/start").GetProperty("sandboxPolicy").GetRawText());
    }

    [Fact]
    public async Task A_sandbox_an_administrator_narrowed_is_kept_and_told()
    {
        _bench.Request = _bench.Request with { Sandbox = SandboxMode.DangerFullAccess };
        await RunAsync();
        Assert.Equal("readOnly", Text(_bench.Session.ParamsOf("turn/start").GetProperty("sandboxPolicy"), "type"));
        Assert.Contains(_bench.Notes, n => n.Contains("administrator", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_policy_an_administrator_forbids_is_left_out_and_the_turn_asked_for_again()
    {
        _bench.Request = _bench.Request with { ThreadId = "t1", Sandbox = SandboxMode.DangerFullAccess };
        _bench.Session.Answer("turn/start", p => p.TryGetProperty("sandboxPolicy", out _)
            ? Task.FromException<string>(new RpcErrorException("turn/start", new RpcError(
                RpcError.InvalidRequest, "invalid thread settings override: invalid value for `sandbox_mode`: `DangerFullAccess` is not in the allowed set [ReadOnly]")))
            : Task.FromResult("""{"turn":{"id":"u1"}}"""));
        await RunAsync();
        Assert.Equal(2, _bench.Session.Count("turn/start"));
        Assert.Contains(_bench.Notes, n => n.Contains("allowed set", StringComparison.Ordinal));
        Assert.True(_bench.Progress.TurnSent);
    }

    [Fact]
    public async Task The_marker_and_the_callers_environment_go_with_the_thread()
    {
        _bench.Request = _bench.Request with { Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["A"] = "1", ["B"] = "2" } };
        _bench.Session.Answer("config/read", """{"config":{"shell_environment_policy":{"set":{"B":"user"}}}}""");
        await RunAsync();
        Assert.Equal(
            """{"A":"1","CODEX_COMPANION_JOB":"task-1"}""",
            _bench.Session.ParamsOf("thread/start").GetProperty("config").GetProperty("shell_environment_policy.set").GetRawText());
    }

    [Fact]
    public async Task A_configuration_that_cannot_be_read_is_no_obstacle()
    {
        _bench.Session.Refuse("config/read", RpcError.InvalidRequest, "unknown variant `config/read`");
        await RunAsync();
        Assert.Equal(1, _bench.Session.Count("turn/start"));
    }

    private async Task RunAsync()
    {
        var run = await _bench.RunToTurnAsync();
        _bench.TurnDone();
        Assert.IsType<Outcome.Completed>(await TurnBench.EndOf(run));
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
