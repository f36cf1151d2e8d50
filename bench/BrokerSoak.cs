using System.Diagnostics;
using System.Globalization;
using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.Bench;

/// <summary>Turn after turn through one broker with the simulated app-server: its memory must stay flat.</summary>
internal static class BrokerSoak
{
    // A connection and a thread serve so many turns, then both are let go, as commands let theirs go.
    private const int TurnsPerThread = 20;
    private const int Looks = 10;

    public static async Task RunAsync(int turns)
    {
        await using var broker = await BenchedBroker.StartAsync(ToolUnderTest.Path);
        var memory = new List<long>();
        var cpu = broker.Cpu;
        var clock = Stopwatch.StartNew();
        for (var n = 0; n < turns; n += TurnsPerThread)
        {
            await using (var client = await broker.ConnectAsync())
            {
                var thread = await client.OpenAsync();
                for (var turn = 0; turn < TurnsPerThread; turn++)
                    await client.SayAsync(thread, "hello");
                await client.CallAsync("broker/thread/release", $$"""{"threadId":"{{thread}}"}""");
            }

            if (n / TurnsPerThread % Math.Max(1, turns / TurnsPerThread / Looks) == 0)
                memory.Add(broker.Resident);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"\nsoak of {turns} turns: {turns / clock.Elapsed.TotalSeconds:0} turns/s, broker CPU {(broker.Cpu - cpu) / turns * 1e3:0.00} ms a turn, MiB along the way: {string.Join(' ', memory)}"));
    }
}
