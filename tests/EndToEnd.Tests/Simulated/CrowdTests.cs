using System.Net.Sockets;
using System.Text;
using CodexCompanion.EndToEnd.Tests.Harness;
using CodexCompanion.EndToEnd.Tests.Tool;

namespace CodexCompanion.EndToEnd.Tests.Simulated;

/// <summary>Connections that want nothing: many after each other, many at a time.</summary>
public sealed class CrowdTests : IAsyncLifetime
{
    // The broker serves 256 at a time and takes 400 without a pause.
    private const int More = 390;
    private const int Places = 256;

    private readonly SimulatedUser _user = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _user.DisposeAsync();

    [LinuxFact]
    public async Task A_storm_of_connections_costs_nobody_his_turn_and_the_broker_nothing()
    {
        const int Storms = 8;
        const int Each = 60;
        const int Few = 10;
        await _user.TaskAsync("hello");
        var before = await _user.BrokerAsync();
        var endpoint = _user.Endpoint();

        var descriptors = Descriptors(before.Pid);
        await using var task = _user.Start("task", "--json", "sim: run touch began; while ! [ -e over ]; do sleep 0.05; done\nsim: reply \"not disturbed\"");
        await ToolUser.WhileRunningAsync(task, () => File.Exists(_user.Home.InWorkspace("began")), "its turn runs");
        await Task.WhenAll(Enumerable.Range(0, Storms).Select(n => Task.Run(() => ConnectAgainAndAgainAsync(endpoint, n, Each))));
        var during = await _user.TaskAsync("sim: reply \"served as well\"");
        await File.WriteAllTextAsync(_user.Home.InWorkspace("over"), "");

        Assert.Equal("served as well", during.RawOutput);
        Assert.Equal("not disturbed", TaskResult.Of(await task.EndAsync()).RawOutput);
        Assert.Equal(before, await _user.BrokerAsync());
        await Eventually.TrueAsync(() => Descriptors(before.Pid) < descriptors + Few, "the storm's connections are closed");
    }

    [LinuxFact]
    public async Task Hundreds_that_only_connect_get_the_places_there_are_and_whoever_gets_none_is_served_without_the_broker()
    {
        await _user.TaskAsync("hello");
        var broker = await _user.BrokerAsync();
        var descriptors = Descriptors(broker.Pid);
        var idlers = new List<Socket>();
        for (var n = 0; n < More; n++)
            idlers.Add(await ConnectAsync(_user.Endpoint()));
        await Eventually.TrueAsync(() => idlers.Count(IsHungUpOn) >= More - Places, "those without a place are hung up on");

        Assert.True(Descriptors(broker.Pid) <= descriptors + Places + 1);
        Assert.Equal("served", (await _user.TaskAsync("sim: reply \"served\"")).RawOutput);
        idlers.ForEach(s => s.Dispose());
        await Eventually.TrueAsync(() => Descriptors(broker.Pid) <= descriptors, "their places are free");
        Assert.Contains("[Connect] connected", (await _user.RunAsync("task", "--verbose", "hello")).Error, StringComparison.Ordinal);
        Assert.Equal(broker, await _user.BrokerAsync());
    }

    private static async Task<Socket> ConnectAsync(string endpoint)
    {
        while (true)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(endpoint));
                return socket;
            }
            catch (SocketException)
            {
                socket.Dispose(); // Its queue is full for the moment.
                await Task.Yield();
            }
        }
    }

    private static bool IsHungUpOn(Socket socket) => socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;

    // In turn: a greeting and a hang-up before its answer, a bare connection, half a line, garbage.
    private static async Task ConnectAgainAndAgainAsync(string endpoint, int first, int times)
    {
        string[] words = ["""{"id":1,"method":"broker/hello","params":{"cookie":"c","protocol":1}}""" + "\n", "", "{\"id\":1,\"meth", "\0\xff\n[]\n{}\n"];
        for (var n = 0; n < times; n++)
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(endpoint));
                await socket.SendAsync(Encoding.Latin1.GetBytes(words[(first + n) % words.Length]));
            }
            catch (SocketException)
            {
                // Told "busy": that is what a storm gets, and it comes again.
            }
        }
    }

    private static int Descriptors(int pid) => Directory.EnumerateFiles($"/proc/{pid}/fd").Count();
}
