using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.EndToEnd.Tests.Simulated;

/// <summary>The real broker process with many at work, and with one that stopped reading.</summary>
public sealed class ManyTurnsTests : IAsyncLifetime
{
    private const int Clients = 32;

    // What a client that stopped reading may cost, in KiB.
    private const long MostItMayCost = 32 * 1024;

    private readonly SimulatedUser _user = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _user.DisposeAsync();

    [LinuxFact]
    public async Task Thirty_two_turns_run_at_once_in_one_app_server_and_everybody_hears_of_his_own_only()
    {
        await _user.TaskAsync("hello");
        var before = await _user.BrokerAsync();
        var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => RawClient.ConnectAsync(_user.Endpoint())));
        var threads = await Task.WhenAll(clients.Select(c => c.StartThreadAsync(_user.Home.Workspace)));

        // None ends before all have begun.
        await Task.WhenAll(clients.Zip(threads, (c, t) => c.StartTurnAsync(t, $"sim: run touch began-{t}; while ! [ -e over ]; do sleep 0.2; done\nsim: reply \"{t}\"")));
        await Eventually.TrueAsync(() => Directory.GetFiles(_user.Home.Workspace, "began-*").Length == Clients, "all turns run");
        await File.WriteAllTextAsync(_user.Home.InWorkspace("over"), "");
        await Task.WhenAll(clients.Select(c => c.UntilAsync("turn/completed")));

        Assert.All(clients.Zip(threads), pair => Assert.Equal([pair.Second], pair.First.ThreadsHeardOf));
        Assert.All(clients.Zip(threads), pair => Assert.Contains(pair.First.Heard, m => m.ToJsonString().Contains($"\"text\":\"{pair.Second}\"", StringComparison.Ordinal)));
        Assert.Equal(before, await _user.BrokerAsync());
        foreach (var client in clients)
            client.Dispose();
    }

    [LinuxFact]
    public async Task A_client_that_stopped_reading_is_hung_up_on_costs_little_and_delays_nobody()
    {
        await _user.TaskAsync("hello");
        var broker = await _user.BrokerAsync();
        using var stopped = await RawClient.ConnectAsync(_user.Endpoint());
        var thread = await stopped.StartThreadAsync(_user.Home.Workspace);
        var before = ResidentKibibytes(broker.Pid);

        // 200 MiB in answers of 200 KiB; it reads none of them.
        await stopped.StartTurnAsync(thread, string.Concat(Enumerable.Repeat("sim: reply-size 204800\n", 1024)));
        var other = _user.TaskAsync("sim: reply \"not delayed\"");
        long most = 0;
        await Eventually.TrueAsync(
            () =>
            {
                most = Math.Max(most, ResidentKibibytes(broker.Pid) - before);
                return _user.Events("turn-ended").Any(e => SimulatedUser.Text(e, "threadId") == thread);
            },
            "its turn is stopped");

        Assert.Equal("not delayed", (await other).RawOutput);
        Assert.True(most < MostItMayCost, $"It cost {most} KiB.");
        Assert.Equal(broker, await _user.BrokerAsync());
        Assert.Contains("interrupted", _user.Events("turn-ended").Where(e => SimulatedUser.Text(e, "threadId") == thread).Select(e => SimulatedUser.Text(e, "status")));
    }

    private static long ResidentKibibytes(int pid) => long.Parse(
        File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
}
