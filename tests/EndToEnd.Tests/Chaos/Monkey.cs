using System.Text.Json.Nodes;
using CodexCompanion.EndToEnd.Tests.Harness;
using CodexCompanion.EndToEnd.Tests.Simulated;
using Xunit.Abstractions;

namespace CodexCompanion.EndToEnd.Tests.Chaos;

/// <summary>Kills, deletes and damages what it finds of a user's broker.</summary>
internal sealed class Monkey(IChaosGround ground, Random random, ITestOutputHelper output)
{
    /// <summary>How often it struck.</summary>
    public int Strikes { get; private set; }

    public async Task RageAsync(Func<bool> goesOn)
    {
        while (goesOn())
        {
            await Task.Delay(random.Next(300, 1300));
            var what = random.Next(10);
            while (what < 8 && goesOn() && !ground.TurnRuns())
                await Task.Delay(20);
            if (ground.Home.BrokerRecord() is not { } record)
                continue;
            Strike(what, record);
            Strikes++;
        }
    }

    private void Strike(int what, JsonObject record)
    {
        var (broker, server) = (Pid(record, "process"), Pid(record, "appServer"));
        switch (what)
        {
            case < 4:
                Kill("the broker", broker);
                break;
            case < 7:
                Kill("the app-server", server);
                break;
            case 7:
                Kill("the broker", broker);
                Kill("and its app-server", server);
                break;
            case 8:
                output.WriteLine("deletes the socket");
                File.Delete(SimulatedUser.Text(record, "endpoint")!);
                break;
            default:
                output.WriteLine("tears the record");
                if (ground.Home.BrokerFile() is { } file)
                    File.WriteAllText(file, "{\"version\": 1, \"inst");
                break;
        }
    }

    private void Kill(string whom, int? pid)
    {
        // Only what belongs to this user, whatever the record says.
        if (pid is not { } found || !ground.Home.Processes().Any(p => p.Pid == found))
            return;
        output.WriteLine($"kills {whom}, {found}");
        Signals.Send(found, Signal.Kill);
    }

    private static int? Pid(JsonObject record, string member) => record[member]?["pid"]?.GetValue<int>();
}
