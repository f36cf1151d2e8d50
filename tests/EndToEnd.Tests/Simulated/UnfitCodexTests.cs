using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.EndToEnd.Tests.Simulated;

/// <summary>What stands where codex should does not serve: the command says what is wrong within the time limits, and nothing is left.</summary>
public sealed class UnfitCodexTests : IAsyncLifetime
{
    private const int NoCodex = 4;
    private const int Lost = 7;

    private readonly SimulatedUser _user = new(new(StringComparer.Ordinal) { ["CODEX_COMPANION_INITIALIZE_LIMIT"] = "1s" });

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _user.DisposeAsync();

    [LinuxTheory]
    [InlineData("exec sleep 200000", "started and stays silent: 'initialize' was not answered within 1 s.")]
    [InlineData("while :; do echo noise; sleep 0.01; done", "started and stays silent: 'initialize' was not answered within 1 s.")]
    [InlineData("echo bad config >&2; exit 3", "exited with code 3; its last words: bad config")]
    [InlineData("""while read -r line; do echo '{"id":1,"result":{"userAgent":"codex/0.99.0 (x)"}}'; done""", "is too old: version 0.142.0 or newer is needed.")]
    public async Task It_is_told_in_a_sentence_and_nothing_is_left(string script, string sentence)
    {
        _user.UseCodex(script);
        if (!sentence.Contains("stays silent", StringComparison.Ordinal))
            _user.Set("CODEX_COMPANION_INITIALIZE_LIMIT", "30s");

        var run = await _user.RunAsync("task", "hello");

        Assert.Equal((NoCodex, ""), (run.ExitCode, run.Output));
        Assert.Contains(sentence, run.Error, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => _user.Home.Processes().Count == 0, "nothing runs");
        Assert.Null(_user.Home.BrokerRecord());
    }

    [LinuxFact]
    public async Task When_no_other_one_starts_a_lost_turn_is_called_lost_and_its_thread_is_named()
    {
        _user.Set("CODEX_COMPANION_INITIALIZE_LIMIT", "30s");
        _user.UseCodex($"""
            mkdir '{Path.Combine(_user.Home.Root, "once")}' 2>/dev/null || exit 3
            exec '{ToolUnderTest.Path}' "$@"
            """);

        var run = await _user.RunAsync("task", "--no-broker", "--write", "sim: edit effect-1 effect.txt\nsim: run kill -9 $PPID");

        Assert.Equal((Lost, ""), (run.ExitCode, run.Output));
        Assert.Contains("no app-server could be started to recover it. codex app-server exited with code 3", run.Error, StringComparison.Ordinal);
        Assert.Contains("codex-companion task --thread ", run.Error, StringComparison.Ordinal);
        Assert.Single(_user.Events("edit"));
    }

    [LinuxFact]
    public async Task Noise_of_a_wrapper_before_and_between_its_messages_harms_nobody()
    {
        _user.Set("CODEX_COMPANION_INITIALIZE_LIMIT", "30s");
        _user.UseCodex($$"""
            printf 'warn: \033[31mold\033[0m\n{}\n[]\n'
            '{{ToolUnderTest.Path}}' "$@" | while IFS= read -r line; do printf '%s\n-- noise --\n' "$line"; done
            """);

        Assert.Equal("heard", (await _user.TaskAsync("sim: reply \"heard\"")).RawOutput);
        Assert.Contains("wrote a line that is no message", _user.BrokerLog(), StringComparison.Ordinal);
        Assert.Single(_user.Brokers());
    }
}
