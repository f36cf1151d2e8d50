using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.Bench;

/// <summary>What lies between a client and the app-server: notifications a second, added latency, many at once, and a long soak.</summary>
internal static class BrokerLoad
{
    private const int PerTurn = 10_000;

    // A thread is let go after so many turns, as commands let theirs go.
    private const int TurnsPerThread = 100;

    /// <summary>Turns of the soak when nobody says how many: enough to see memory grow, over in seconds.</summary>
    public const int DefaultSoak = 10_000;

    public static async Task RunAsync(int soakTurns)
    {
        await using var home = PrivateHome.Create();
        var environment = home.Environ(Environment.ProcessPath);
        await using var broker = RunningProgram.Start(
            ToolUnderTest.Path,
            ["broker", "serve", "--instance", "0123456789ab", "--workspace", home.Workspace, "--codex", Environment.ProcessPath!, "--fingerprint", "0123456789abcdef"],
            With(environment, ("DOTNET_EnableDiagnostics", "0"), ("DOTNET_GCConserveMemory", "7"), ("DOTNET_GCgen0size", "400000"), ("DOTNET_TieredCompilation", "1"), ("DOTNET_TC_CallCountThreshold", "2710")),
            home.Workspace);
        var record = "";
        await Eventually.TrueAsync(() => (record = Directory.EnumerateFiles(home.State, "broker.json", SearchOption.AllDirectories).FirstOrDefault() ?? "").Length > 0, "the broker runs");
        var published = JsonNode.Parse(await File.ReadAllTextAsync(record))!;
        var endpoint = published["endpoint"]!.GetValue<string>();
        var pid = published["process"]!["pid"]!.GetValue<int>();

        using var direct = StartDirect(environment);
        var alone = new LoadClient(direct.StandardOutput.BaseStream, direct.StandardInput.BaseStream, isBroker: false);
        var shared = await ConnectAsync(endpoint);
        Console.WriteLine($"\nbroker: {ToolUnderTest.Path}, idle {Resident(pid)} MiB");
        await alone.GreetAsync();
        await ThroughputAsync("direct", alone, pid);
        await ThroughputAsync("through the broker", shared, pid);
        await ManyAsync(endpoint, pid);
        await SoakAsync(endpoint, pid, soakTurns);
        direct.StandardInput.Close();
        await direct.WaitForExitAsync();
        broker.Send(Signal.Terminate);
        await broker.EndAsync();
    }

    private static async Task ThroughputAsync(string name, LoadClient client, int pid)
    {
        var thread = await client.OpenAsync();
        for (var n = 0; n < 5; n++)
            await client.TurnAsync(thread, PerTurn); // Warm.
        var cpu = Cpu(pid);
        var clock = Stopwatch.StartNew();
        var count = 0;
        for (var n = 0; n < 20; n++)
            count += await client.TurnAsync(thread, PerTurn);
        var rate = count / clock.Elapsed.TotalSeconds;
        var used = Cpu(pid) - cpu;
        await client.TurnAsync(thread, 500, 1000);
        await client.TurnAsync(thread, 3000, 1000, measures: true);
        var sorted = client.Latencies.Order().ToList();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {name,-20} {rate,9:0} notifications/s; one a millisecond: median {sorted[sorted.Count / 2] / 1000:0.000} ms, p99 {sorted[sorted.Count * 99 / 100] / 1000:0.000} ms; broker CPU {used / count * 1e6:0.0} µs a notification, {Resident(pid)} MiB"));
    }

    private static async Task ManyAsync(string endpoint, int pid)
    {
        foreach (var clients in (int[])[1, 4, 16, 32])
        {
            var all = await Task.WhenAll(Enumerable.Range(0, clients).Select(async _ =>
            {
                var client = await ConnectAsync(endpoint);
                return (client, await client.OpenAsync());
            }));
            const int turns = 50;
            var cpu = Cpu(pid);
            var clock = Stopwatch.StartNew();
            var times = await Task.WhenAll(all.Select(async c =>
            {
                var spent = new List<double>();
                for (var n = 0; n < turns; n++)
                {
                    var begun = Stopwatch.GetTimestamp();
                    await c.client.TurnAsync(c.Item2, 20);
                    spent.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
                }

                return spent;
            }));
            var sorted = times.SelectMany(t => t).Order().ToList();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {clients,2} clients, turns of 20 notifications: median {sorted[sorted.Count / 2]:0.00} ms, p99 {sorted[sorted.Count * 99 / 100]:0.00} ms, {clients * turns / clock.Elapsed.TotalSeconds:0} turns/s; broker CPU {(Cpu(pid) - cpu) / (clients * turns) * 1e3:0.00} ms a turn, {Resident(pid)} MiB, 1 app-server"));
        }
    }

    private static async Task SoakAsync(string endpoint, int pid, int turns)
    {
        await using var client = await ConnectAsync(endpoint);
        var memory = new List<long>();
        var thread = "";
        for (var n = 0; n < turns; n++)
        {
            if (n % TurnsPerThread == 0)
                thread = await client.OpenAsync();
            await client.TurnAsync(thread, 3);
            if (n % TurnsPerThread == TurnsPerThread - 1)
                await client.CallAsync("broker/thread/release", $$"""{"threadId":"{{thread}}"}""");
            if (n % Math.Max(1, turns / 10) == turns / 20)
                memory.Add(Resident(pid));
        }

        Console.WriteLine($"  soak of {turns} turns, MiB along the way: {string.Join(' ', memory)}");
    }

    private static async Task<LoadClient> ConnectAsync(string endpoint)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(endpoint));
        var stream = new NetworkStream(socket, ownsSocket: true);
        var client = new LoadClient(stream, stream, isBroker: true);
        await client.GreetAsync();
        return client;
    }

    private static Process StartDirect(Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["app-server"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment.Clear();
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static Dictionary<string, string> With(Dictionary<string, string> environment, params (string Name, string Value)[] more)
    {
        var all = new Dictionary<string, string>(environment, StringComparer.Ordinal);
        foreach (var (name, value) in more)
            all[name] = value;
        return all;
    }

    private static double Cpu(int pid)
    {
        using var process = Process.GetProcessById(pid);
        return process.TotalProcessorTime.TotalSeconds;
    }

    private static long Resident(int pid)
    {
        using var process = Process.GetProcessById(pid);
        return process.WorkingSet64 / 1048576;
    }
}
