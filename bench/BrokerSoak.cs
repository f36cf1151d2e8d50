using System.Diagnostics;
using System.Globalization;
using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.Bench;

/// <summary>Turn after turn through one broker with the simulated app-server: its memory must stay flat.</summary>
internal static class BrokerSoak
{
    // A connection and a thread serve so many turns, then both are let go, as commands let theirs go.
    private const int TurnsPerThread = 20;
    private const int Looks = 20;

    public static async Task RunAsync(int turns)
    {
        await using var broker = await BenchedBroker.StartAsync(ToolUnderTest.Path);
        var memory = new List<(int Turns, double Kibibytes)>();
        var cpu = broker.Cpu;
        var clock = Stopwatch.StartNew();
        var threads = Math.Max(1, turns / TurnsPerThread);
        Console.WriteLine($"\nsoak of {turns} turns, {TurnsPerThread} on each thread and connection, simulated app-server");
        for (var n = 1; n <= threads; n++)
        {
            await RunThreadAsync(broker);
            if (n % Math.Max(1, threads / Looks) != 0)
                continue;
            memory.Add((n * TurnsPerThread, broker.Resident / 1024.0));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  after {n * TurnsPerThread,7} turns: {memory[^1].Kibibytes / 1024,6:0.0} MiB, {n * TurnsPerThread / clock.Elapsed.TotalSeconds,5:0} turns/s, broker CPU {(broker.Cpu - cpu) / (n * TurnsPerThread) * 1e3:0.00} ms a turn"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  slope of the second half: {Slope(memory[(memory.Count / 2)..]):0.0} KiB per 1,000 turns   (goal: flat)"));
    }

    private static async Task RunThreadAsync(BenchedBroker broker)
    {
        await using var client = await broker.ConnectAsync();
        var thread = await client.OpenAsync();
        for (var turn = 0; turn < TurnsPerThread; turn++)
            await client.SayAsync(thread, "hello");
        await client.CallAsync("broker/thread/release", $$"""{"threadId":"{{thread}}"}""");
    }

    // Least squares: a single look says little, as the collector comes and goes.
    private static double Slope(List<(int Turns, double Kibibytes)> looks)
    {
        var (meanX, meanY) = (looks.Average(l => l.Turns / 1000.0), looks.Average(l => l.Kibibytes));
        var spread = looks.Sum(l => Math.Pow((l.Turns / 1000.0) - meanX, 2));
        return spread > 0 ? looks.Sum(l => ((l.Turns / 1000.0) - meanX) * (l.Kibibytes - meanY)) / spread : 0;
    }
}
