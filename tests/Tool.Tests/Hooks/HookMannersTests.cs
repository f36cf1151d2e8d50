using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Hooks;
using Xunit;

namespace CodexCompanion.Tool.Tests.Hooks;

/// <summary>Whatever is wrong, a hook exits with 0 and says one object or nothing.</summary>
public sealed class HookMannersTests : IDisposable
{
    private readonly ToolBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("hook")]
    [InlineData("hook", "session-strat")]
    [InlineData("hook", "session-end", "--no-such-option")]
    [InlineData("hook", "session-end", "a word")]
    [InlineData("hook", "session-end", "--cwd")]
    [InlineData("--cwd", "/", "hook", "--nonsense")]
    [InlineData("--nonsense", "hook", "session-end")]
    public async Task A_wrong_command_line_is_told_to_the_user_and_blocks_nothing(params string[] line)
    {
        var end = await _bench.RunAsync(line);
        Assert.Equal((ExitCodes.Done, ""), (end.ExitCode, end.Error));
        Assert.StartsWith("codex-companion hook: ", end.Json.GetProperty("systemMessage").GetString(), StringComparison.Ordinal);
        Assert.Single(end.Json.EnumerateObject());
    }

    [Theory]
    [InlineData("session-start", "{ broken")]
    [InlineData("session-end", "{ broken")]
    [InlineData("session-start", "")]
    [InlineData("session-end", "[]")]
    public async Task Input_of_any_kind_ends_with_0(string hook, string input)
    {
        _bench.StdinText(input);
        var end = await _bench.RunAsync("hook", hook);
        Assert.Equal((ExitCodes.Done, "", ""), (end.ExitCode, end.Out, end.Error));
    }

    [Theory]
    [InlineData("session-start", "")]
    [InlineData("session-end", "")]
    [InlineData("stop", "")]
    [InlineData("stop", "--cwd=sub")]
    public async Task A_hook_works_where_its_directory_is_gone(string hook, string option)
    {
        _bench.StdinText("{\"session_id\":\"s1\"}");
        _bench.CurrentDirectory = ""; // As the process says of a deleted one.
        _bench.Variables["CLAUDE_ENV_FILE"] = Path.Combine(_bench.Root, "env");
        var end = await _bench.RunAsync(["hook", hook, .. option.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal((ExitCodes.Done, "", ""), (end.ExitCode, end.Out, end.Error));
        Assert.Equal(hook == "session-start", File.Exists(Path.Combine(_bench.Root, "env")));
    }

    [Theory]
    [InlineData("--cwd=/no/such/folder")]
    [InlineData("--cwd=")]
    [InlineData("--json")]
    public async Task Options_of_every_command_are_taken(string option)
    {
        _bench.StdinText("{}");
        var end = await _bench.RunAsync("hook", "session-end", option);
        Assert.Equal((ExitCodes.Done, "", ""), (end.ExitCode, end.Out, end.Error));
    }

    [Fact]
    public async Task Broken_settings_do_not_keep_a_hook_from_its_work()
    {
        _bench.WriteUserConfig("{ nonsense");
        _bench.StdinText("{\"session_id\":\"s1\"}");
        _bench.Variables["CLAUDE_ENV_FILE"] = Path.Combine(_bench.Root, "env");

        // With the settings their time limits are gone: a clock that stands still is the way to be patient.
        var host = _bench.Host(Stream.Null, Stream.Null) with { Time = new ManualTime() };
        Assert.Equal(ExitCodes.Done, await Entry.RunAsync(CommandCatalog.Root, ["hook", "session-start"], host));
        Assert.StartsWith("export CODEX_COMPANION_SESSION_ID='s1'\n", await File.ReadAllTextAsync(_bench.Variables["CLAUDE_ENV_FILE"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fault_of_ours_is_a_note()
    {
        using var output = new MemoryStream();
        var host = _bench.Host(output, Stream.Null);
        Assert.Equal(0, await HookRun.RunAsync(host, () => throw new InvalidOperationException("no\nlimit"), _ => Task.FromResult(HookAnswer.Nothing)));
        Assert.Equal(
            "{\"systemMessage\":\"codex-companion: the hook failed and was passed over. InvalidOperationException: no limit\"}\n",
            System.Text.Encoding.UTF8.GetString(output.ToArray()));
    }

    [Fact]
    public async Task One_that_takes_too_long_is_left_behind_without_a_word()
    {
        using var output = new MemoryStream();
        var time = new ManualTime();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var never = new TaskCompletionSource<HookAnswer>();
        var running = HookRun.RunAsync(_bench.Host(output, Stream.Null) with { Time = time }, () => TimeSpan.FromMilliseconds(120), async _ =>
        {
            started.SetResult();
            return await never.Task;
        });
        await started.Task;
        time.Advance(TimeSpan.FromMilliseconds(120));
        Assert.Equal(0, await running);
        Assert.Empty(output.ToArray());
    }

    [Fact]
    public async Task Nobody_need_read_what_it_says()
    {
        using var gone = new ClosedPipe();
        _bench.Stdout = gone;
        Assert.Equal(0, (await _bench.RunAsync("hook", "nonsense")).ExitCode);
    }

    private sealed class ClosedPipe : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("Broken pipe");
    }
}
