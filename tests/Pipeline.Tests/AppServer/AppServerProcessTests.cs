using System.Diagnostics;
using System.Runtime.Versioning;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.StateStore.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.AppServer;

[SupportedOSPlatform("linux")]
public sealed class AppServerProcessTests
{
    [LinuxFact]
    public async Task The_end_of_its_input_ends_it()
    {
        using var codex = new FakeCodex(FakeCodex.Answers + "; exit 0");
        var server = await codex.StartAsync();
        await server.StopAsync();
        Assert.Equal(0, (await server.Exited).Exit.Code); // By itself: a signal would have ended it otherwise.
        Assert.Equal(LossKind.ClosedHere, (await server.Peer.Ended).Kind);
    }

    [LinuxTheory]
    [InlineData("trap 'exit 4' TERM; while :; do sleep 0.05; done", 4, null)]
    [InlineData("trap '' TERM; while :; do sleep 0.05; done", null, 9)]
    [InlineData("kill -STOP $$", null, 9)]
    public async Task One_that_does_not_mind_the_end_of_its_input_is_asked_then_killed(string then, int? code, int? signal)
    {
        using var codex = new FakeCodex($"read -r line; echo '{FakeCodex.Initialized}'; {then}");
        var server = await codex.StartAsync();
        await server.StopAsync().WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(new ChildExit(code, signal), (await server.Exited).Exit);
        Assert.Empty(codex.Left());
    }

    [LinuxFact]
    public async Task What_it_started_is_ended_with_it_in_whatever_session_and_environment()
    {
        // One keeps the mark and leaves the tree, one drops the mark and stays in the tree.
        using var codex = new FakeCodex(
            "(setsid sleep 600 & echo $! > \"$HOME/orphan\"); env -i setsid sleep 600 & echo $! > \"$HOME/bare\"; " + FakeCodex.Answers);
        var server = await codex.StartAsync();
        int[] pids = [await ReadPidAsync(codex["orphan"]), await ReadPidAsync(codex["bare"])];
        Assert.All(pids, pid => Assert.NotNull(Child.Table.Identify(pid)));
        await server.StopAsync();
        Assert.All(pids, pid => Assert.Null(Child.Table.Identify(pid)));
    }

    [LinuxFact]
    public async Task When_it_dies_every_call_fails_at_once_with_the_exit_and_the_last_words()
    {
        using var codex = new FakeCodex(FakeCodex.Start + " case \"$line\" in *die*) echo 'out of luck' >&2; kill -9 $$;; esac; done");
        await using var server = await codex.StartAsync();
        var pending = server.Peer.CallAsync("never/answered", default, Wait.Limit);
        var fatal = server.Peer.CallAsync("die", default, Wait.Limit);
        var loss = (await Assert.ThrowsAsync<ConnectionLostException>(() => fatal)).Loss;
        Assert.Equal(LossKind.AppServerDied, loss.Kind);
        Assert.Equal("codex app-server was ended by signal 9 (SIGKILL); its last words: out of luck", loss.Message);
        Assert.Equal(loss, (await Assert.ThrowsAsync<ConnectionLostException>(() => pending)).Loss);
        Assert.Equal(loss, (await Assert.ThrowsAsync<ConnectionLostException>(() => server.Peer.CallAsync("later", default, Wait.Limit))).Loss);
        Assert.Equal("out of luck", server.LastWords);
        Assert.Equal(ProcessPresence.Gone, Child.Table.Look(server.Identity));
    }

    [LinuxFact]
    public async Task Its_death_is_noticed_though_a_command_holds_its_output_open()
    {
        using var codex = new FakeCodex("setsid sleep 600 & " + FakeCodex.Start + " kill -9 $$; done");
        await using var server = await codex.StartAsync();
        var loss = await server.Peer.Ended.WaitAsync(Wait.Limit);
        Assert.Equal("codex app-server was ended by signal 9 (SIGKILL).", loss.Message);
        await server.StopAsync();
        Assert.Empty(codex.Left());
    }

    [LinuxFact]
    public async Task The_end_of_its_output_is_the_end_though_its_process_lives()
    {
        using var codex = new FakeCodex($"read -r line; echo '{FakeCodex.Initialized}'; exec >&-; exec sleep 600");
        await using var server = await codex.StartAsync();
        var loss = await server.Peer.Ended.WaitAsync(Wait.Limit);
        Assert.Equal(LossKind.AppServerDied, loss.Kind);
        Assert.Contains("still runs", loss.Message, StringComparison.Ordinal);
    }

    [LinuxFact]
    public async Task One_that_closed_its_input_is_lost_at_the_next_call()
    {
        using var codex = new FakeCodex($"read -r line; exec <&-; echo '{FakeCodex.Initialized}'; exec sleep 600");
        await using var server = await codex.StartAsync();
        var clock = Stopwatch.StartNew();
        var lost = await Assert.ThrowsAsync<ConnectionLostException>(() => server.Peer.CallAsync("any", default, Wait.Limit));
        Assert.Equal("codex app-server closed its input, though its process still runs.", lost.Loss.Message);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"Took {clock.ElapsedMilliseconds} ms.");
    }

    [LinuxFact]
    public async Task Only_the_last_of_its_error_output_is_kept()
    {
        using var codex = new FakeCodex("i=0; while [ $i -lt 20000 ]; do echo \"line $i\"; i=$((i+1)); done >&2; " + FakeCodex.Answers);
        await using var server = await codex.StartAsync();
        await Wait.UntilAsync(() => server.LastWords?.EndsWith("line 19999", StringComparison.Ordinal) == true, "all was read");
        Assert.Equal("line 19997 / line 19998 / line 19999", server.LastWords);
    }

    private static async Task<int> ReadPidAsync(string path)
    {
        await Wait.UntilAsync(() => File.Exists(path) && new FileInfo(path).Length > 1, "a command told its PID");
        return int.Parse(await File.ReadAllTextAsync(path), System.Globalization.CultureInfo.InvariantCulture);
    }
}
