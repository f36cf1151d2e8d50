using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.Pipeline.Turns;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Turns;

/// <summary>A thread that is started before the configuration is known.</summary>
public sealed class SpeculativeStartTests : IDisposable
{
    private const string Policy = """{"config":{"shell_environment_policy":{"exclude":["A*"]}}}""";

    private readonly ScratchFolder _folder = new();
    private readonly TurnBench _bench = new();
    private readonly TaskCompletionSource<string> _config = new();
    private int _started;

    public SpeculativeStartTests()
    {
        _bench.Request = _bench.Request with
        {
            Cwd = Directory.CreateDirectory(Path.Combine(_folder.Path, "project", "src")).FullName,
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["A1"] = "1", ["B"] = "2" },
        };
        _bench.Session.Info = _bench.Session.Info with { CodexHome = _folder["codex"] };
        _bench.Session.Answer("config/read", _ => _config.Task);
        _bench.Session.Answer("thread/start", _ => Task.FromResult(
            $$$"""{"thread":{"id":"t{{{Interlocked.Increment(ref _started)}}}"},"sandbox":{"type":"readOnly","networkAccess":false}}"""));
    }

    public void Dispose()
    {
        _bench.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_thread_is_started_while_the_configuration_is_read_and_its_turn_is_not()
    {
        var run = _bench.Run();
        await _bench.CalledAsync("thread/start");
        Assert.Equal(0, _bench.Session.Count("turn/start"));

        _config.SetResult("""{"config":{"model":"mine"}}""");
        await CompleteAsync(run, "t1");
        Assert.Equal(1, _bench.Session.Count("thread/start"));
        Assert.Equal(["t1"], _bench.Session.Released);
    }

    [Fact]
    public async Task A_policy_that_was_not_expected_gets_a_thread_of_its_own_and_the_first_is_let_go()
    {
        var run = _bench.Run();
        await _bench.CalledAsync("thread/start");
        _config.SetResult(Policy);

        await CompleteAsync(run, "t2");
        Assert.Equal("t2", _bench.Session.ParamsOf("turn/start").GetProperty("threadId").GetString());
        Assert.Equal(1, _bench.Session.Count("turn/start"));
        Assert.Equal(["t1", "t2"], _bench.Session.Released);
        Assert.Equal(
            """{"B":"2","CODEX_COMPANION_JOB":"task-1"}""",
            _bench.Session.ParamsOf("thread/start").GetProperty("config").GetProperty("shell_environment_policy.set").GetRawText());
    }

    [Theory]
    [InlineData("codex/config.toml")]
    [InlineData("project/src/.codex/config.toml")]
    [InlineData("project/.codex/config.toml")]
    public async Task Where_a_policy_is_configured_the_thread_is_started_once_and_with_it(string file)
    {
        _folder.Write(file, "model = \"mine\"\n[shell_environment_policy]\nexclude = [\"A*\"]\n");

        var run = _bench.Run();
        _config.SetResult(Policy);
        await CompleteAsync(run, "t1");
        Assert.Equal(["config/read", "thread/start"], _bench.Session.Calls.Take(2).Select(c => c.Method));
        Assert.Equal(1, _bench.Session.Count("thread/start"));
    }

    [Fact]
    public async Task Another_configuration_is_no_obstacle()
    {
        _folder.Write("codex/config.toml", "model = \"mine\"\n");
        var run = _bench.Run();
        await _bench.CalledAsync("thread/start");
        _config.SetResult("""{"config":{"model":"mine"}}""");
        await CompleteAsync(run, "t1");
    }

    [Fact]
    public async Task A_thread_to_resume_waits_for_the_configuration()
    {
        _bench.Request = _bench.Request with { ThreadId = "t1" };
        var run = _bench.Run();
        await _bench.CalledAsync("config/read");
        Assert.Equal(["config/read"], _bench.Session.Calls.Select(c => c.Method));
        _config.SetResult(Policy);
        await CompleteAsync(run, "t1");
    }

    [Fact]
    public async Task A_model_that_does_not_fit_leaves_no_thread_behind()
    {
        _bench.Request = _bench.Request with { Effort = "huge" };
        _bench.Session.Answer("model/list", """{"data":[{"model":"m","isDefault":true,"supportedReasoningEfforts":[{"reasoningEffort":"low"}]}]}""");
        _config.SetResult("""{"config":{}}""");
        Assert.Equal(FailureKind.Refused, Assert.IsType<Outcome.Failed>(await TurnBench.EndOf(_bench.Run())).Kind);
        Assert.Equal(["t1"], _bench.Session.Released);
        Assert.Equal(0, _bench.Session.Count("turn/start"));
    }

    [Fact]
    public async Task Asked_to_stop_while_the_configuration_is_read_it_lets_the_thread_go()
    {
        var run = _bench.Run();
        await _bench.CalledAsync("thread/start");
        _bench.Stop();
        _config.SetResult("""{"config":{}}""");
        Assert.Same(StopProof.NothingRan, Assert.IsType<Outcome.Cancelled>(await TurnBench.EndOf(run)).Proof);
        Assert.Equal(["t1"], _bench.Session.Released);
        Assert.Equal(0, _bench.Session.Count("turn/start"));
    }

    [Fact]
    public async Task A_connection_that_ends_meanwhile_is_told_once()
    {
        _bench.Session.Answer("thread/start", _ => new TaskCompletionSource<string>().Task);
        var run = _bench.Run();
        await _bench.CalledAsync("thread/start");
        _bench.Session.Lose();
        await Assert.ThrowsAsync<ConnectionLostException>(() => TurnBench.EndOf(run));
    }

    private async Task CompleteAsync(Task<Outcome> run, string thread)
    {
        await _bench.CalledAsync("turn/start");
        _bench.TurnDone(thread);
        Assert.IsType<Outcome.Completed>(await TurnBench.EndOf(run));
    }
}
