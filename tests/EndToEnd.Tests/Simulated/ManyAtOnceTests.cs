using CodexCompanion.EndToEnd.Tests.Harness;
using CodexCompanion.EndToEnd.Tests.Tool;

namespace CodexCompanion.EndToEnd.Tests.Simulated;

/// <summary>Twenty first commands at once, each a process of its own, in a workspace nobody has used yet.</summary>
public sealed class ManyAtOnceTests
{
    private const int Commands = 20;

    [LinuxFact]
    public async Task Twenty_first_commands_at_once_end_with_one_broker_and_twenty_results()
    {
        await using var user = new SimulatedUser();
        var programs = Enumerable.Range(1, Commands).Select(n => user.Start("task", "--json", $"sim: reply \"answer {n}\"")).ToList();

        var runs = await Task.WhenAll(programs.Select(p => p.EndAsync()));
        foreach (var program in programs)
            await program.DisposeAsync();

        Assert.Equal(Enumerable.Range(1, Commands).Select(n => $"answer {n}"), runs.Select(r => TaskResult.Of(r).RawOutput));
        var brokers = user.Home.Processes().Where(p => p.CommandLine.Contains(" broker serve", StringComparison.Ordinal)).ToList();
        Assert.Equal((await user.BrokerAsync()).Pid, Assert.Single(brokers).Pid);
    }
}
