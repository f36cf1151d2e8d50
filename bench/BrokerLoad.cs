using System.Diagnostics;
using System.Globalization;

namespace CodexCompanion.Bench;

/// <summary>What lies between a client and the app-server: notifications a second, added latency, and many at once.</summary>
internal static class BrokerLoad
{
    private const int PerTurn = 10_000;
    private const int Rounds = 20;

    public static async Task RunAsync()
    {
        await using var broker = await BenchedBroker.StartAsync(Environment.ProcessPath!);
        Console.WriteLine($"\nbroker, idle: {broker.Resident >> 20} MiB");
        var direct = await DirectAsync(broker);
        await using var client = await broker.ConnectAsync();
        var shared = await MeasureAsync("through the broker", client, broker);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  routing adds, median of one a millisecond:  {shared - direct:0.000} ms   (goal: below 0.2)"));
        foreach (var clients in (int[])[1, 4, 16, 32])
            await ManyAsync(broker, clients);
    }

    private static async Task<double> DirectAsync(BenchedBroker broker)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["app-server"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        using var server = Process.Start(start)!;
        double median;
        await using (var client = new LoadClient(server.StandardOutput.BaseStream, server.StandardInput.BaseStream, isBroker: false))
        {
            await client.GreetAsync();
            median = await MeasureAsync("direct", client, broker);
        }

        await server.WaitForExitAsync();
        return median;
    }

    private static async Task<double> MeasureAsync(string name, LoadClient client, BenchedBroker broker)
    {
        var thread = await client.OpenAsync();
        for (var n = 0; n < 5; n++)
            await client.TurnAsync(thread, PerTurn); // Warm.
        var cpu = broker.Cpu;
        var clock = Stopwatch.StartNew();
        var count = 0;
        for (var n = 0; n < Rounds; n++)
            count += await client.TurnAsync(thread, PerTurn);
        var rate = count / clock.Elapsed.TotalSeconds;
        var used = broker.Cpu - cpu;
        await client.TurnAsync(thread, 500, 1000);
        await client.TurnAsync(thread, 3000, 1000, measures: true);
        var sorted = client.Latencies.Order().ToList();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {name,-20} {rate,9:0} notifications/s; one a millisecond: median {sorted[sorted.Count / 2] / 1000:0.000} ms, p99 {sorted[sorted.Count * 99 / 100] / 1000:0.000} ms; broker CPU {used / count * 1e6:0.0} µs each, {broker.Resident >> 20} MiB"));
        return sorted[sorted.Count / 2] / 1000;
    }

    private static async Task ManyAsync(BenchedBroker broker, int clients)
    {
        const int Turns = 50;
        var all = await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => broker.ConnectAsync()));
        var threads = await Task.WhenAll(all.Select(c => c.OpenAsync()));
        var cpu = broker.Cpu;
        var clock = Stopwatch.StartNew();
        var times = await Task.WhenAll(all.Zip(threads, TurnsAsync));
        var seconds = clock.Elapsed.TotalSeconds;
        var sorted = times.SelectMany(t => t).Order().ToList();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {clients,2} clients, turns of 20 notifications: median {sorted[sorted.Count / 2]:0.00} ms, p99 {sorted[sorted.Count * 99 / 100]:0.00} ms, {clients * Turns / seconds:0} turns/s; broker CPU {(broker.Cpu - cpu) / (clients * Turns) * 1e3:0.00} ms a turn, {broker.Resident >> 20} MiB"));
        foreach (var client in all)
            await client.DisposeAsync();

        static async Task<List<double>> TurnsAsync(LoadClient client, string thread)
        {
            var spent = new List<double>();
            for (var n = 0; n < Turns; n++)
            {
                var begun = Stopwatch.GetTimestamp();
                await client.TurnAsync(thread, 20);
                spent.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            }

            return spent;
        }
    }
}
