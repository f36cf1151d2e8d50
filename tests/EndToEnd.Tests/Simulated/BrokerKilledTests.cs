using CodexCompanion.EndToEnd.Tests.Harness;
using CodexCompanion.EndToEnd.Tests.Tool;

namespace CodexCompanion.EndToEnd.Tests.Simulated;

/// <summary>
/// The broker is killed by SIGKILL in each phase of its life, by a helper that stands at that very point: the program it starts as codex, the command of a turn,
/// whoever has its socket. Whatever the phase, the command at work ends well, the next one has a broker again, and nothing is left.
/// </summary>
public sealed class BrokerKilledTests : IAsyncLifetime
{
    private readonly SimulatedUser _user = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _user.DisposeAsync();

    [LinuxFact]
    public async Task Killed_while_it_starts()
    {
        _user.UseCodex($$"""
            if grep -aq serve /proc/$PPID/cmdline && mkdir '{{Mark}}' 2>/dev/null; then kill -9 $PPID; fi
            exec '{{ToolUnderTest.Path}}' "$@"
            """);

        var trail = await AnswersAsync("first");

        Assert.Matches(@"\[Connect\] direct, .*A broker could not be started\. It was ended by signal 9", trail);
        await TheNextOneIsServedAsync();
    }

    [LinuxFact]
    public async Task Killed_in_the_handshake()
    {
        await _user.TaskAsync("hello");
        var broker = await _user.BrokerAsync();
        Signals.Send(broker.Pid, Signal.Stop); // It must not notice first that its socket was taken.
        await using var taker = new SocketTaker(_user.Endpoint(), () => Signals.Send(broker.Pid, Signal.Kill));

        var trail = await AnswersAsync("in spite of it");

        Assert.Contains("[FallbackDirect]", trail, StringComparison.Ordinal);
        Assert.Equal(1, taker.Taken);
        await TheNextOneIsServedAsync();
    }

    [LinuxFact]
    public async Task Killed_between_connecting_and_the_first_answer()
    {
        await _user.TaskAsync("hello");
        var broker = await _user.BrokerAsync();
        Signals.Send(broker.Pid, Signal.Stop); // The system accepts for it; it never gets to its answer.
        await using var task = _user.Start("task", "--json", "sim: reply \"after all\"");
        await ToolUser.WhileRunningAsync(task, () => SocketTaker.HasVisitor(_user.Endpoint()), "it has connected");

        Signals.Send(broker.Pid, Signal.Kill);

        Assert.Equal("after all", TaskResult.Of(await task.EndAsync()).RawOutput);
        await TheNextOneIsServedAsync();
    }

    [LinuxTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Killed_in_a_turn_by_the_turns_own_command(bool writes)
    {
        // Its command kills the parent of its parent, where that is the broker: so only once, and exactly in the turn.
        var edit = writes ? "sim: edit effect-1 effect.txt\n" : "";
        var kill = "sim: run server=$(awk '{print $4}' /proc/$$/stat); broker=$(awk '{print $4}' /proc/$server/stat); tr '\\0' ' ' < /proc/$broker/cmdline | grep -q 'broker ser[v]e' && kill -9 $broker; sleep 0.1\n";
        var trail = await AnswersAsync("done", edit + kill, writes ? ["--write"] : []);

        Assert.Contains("[Execute] lost", trail, StringComparison.Ordinal);
        Assert.Contains("The connection was lost while the turn was running.", trail, StringComparison.Ordinal);
        Assert.Equal(writes ? 1 : 0, _user.Events("edit").Count());
        Assert.True(_user.TurnsCutShort() >= 1, "no turn was hit");
        await TheNextOneIsServedAsync();
    }

    [LinuxFact]
    public async Task Killed_while_it_shuts_down()
    {
        // Its app-server, told to end, kills it before it has cleaned up.
        _user.UseCodex($$"""
            '{{ToolUnderTest.Path}}' "$@"
            grep -aq serve /proc/$PPID/cmdline && mkdir '{{Mark}}' 2>/dev/null && kill -9 $PPID
            """);
        await _user.TaskAsync("hello");
        var broker = await _user.BrokerAsync();

        await _user.RunAsync("broker", "stop");

        await Eventually.TrueAsync(() => !ProcessTable.Lives(broker.Pid), "it is gone");
        Assert.True(Directory.Exists(Mark), "it ended before it was killed");
        await TheNextOneIsServedAsync();
    }

    private string Mark => Path.Combine(_user.Home.Root, "killed");

    private async Task TheNextOneIsServedAsync()
    {
        Assert.Matches(@"\[Connect\] (?:started|connected)", await AnswersAsync("next"));
        Assert.Single(_user.Brokers());
    }

    // Runs a task that must give this answer, whatever happens to it; returns its trail.
    private async Task<string> AnswersAsync(string answer, string before = "", params string[] options)
    {
        var run = await _user.RunAsync(["task", "--verbose", .. options, $"{before}sim: reply \"{answer}\""]);
        Assert.True(run.ExitCode == 0 && run.Output == answer + "\n", run.ToString());
        return run.Error;
    }
}
