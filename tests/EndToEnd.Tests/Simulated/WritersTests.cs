using System.Text.Json.Nodes;
using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.EndToEnd.Tests.Simulated;

/// <summary>Several who write in one tree: who is not exclusive is told, who is exclusive is alone.</summary>
public sealed class WritersTests
{
    [LinuxTheory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public async Task An_exclusive_writer_begins_after_both_others_whichever_ends_first(int first, int second)
    {
        await using var user = new SimulatedUser();
        var one = await LaunchAsync(user, Until("over-0"));
        var told = await user.RunAsync("task", "--background", "--write", Until("over-1"));
        Assert.Contains($"note: {one} (", told.Error, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => Turns(user).Count(turn => turn == "started") == 2, "both write");
        string[] others = [one, told.Output.Split(" as ")[1].Split('.')[0]];

        var last = await LaunchAsync(user, "--exclusive", "sim: reply alone");
        foreach (var next in (int[])[first, second])
        {
            await File.WriteAllTextAsync(Path.Combine(user.Home.Workspace, $"over-{next}"), "");
            await user.RunAsync("wait", others[next]);
        }

        Assert.StartsWith("alone\n", (await user.RunAsync("wait", last)).Output, StringComparison.Ordinal);
        Assert.Equal(["started", "started", "ended", "ended", "started", "ended"], Turns(user));
    }

    [LinuxFact]
    public async Task Exclusive_writers_launched_at_once_never_meet()
    {
        await using var user = new SimulatedUser();
        var ids = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => LaunchAsync(user, "--exclusive", "sim: think 30ms")));
        Assert.Equal(0, (await user.RunAsync(["wait", .. ids])).ExitCode);
        Assert.Equal(Enumerable.Repeat((string[])["started", "ended"], ids.Length).SelectMany(turn => turn), Turns(user));
    }

    private static async Task<string> LaunchAsync(SimulatedUser user, params string[] arguments)
    {
        var run = await user.RunAsync(["task", "--background", "--write", "--json", .. arguments]);
        Assert.True(run.ExitCode == 0, run.ToString());
        return JsonNode.Parse(run.Output)!["jobId"]!.GetValue<string>();
    }

    private static string Until(string file) => $"sim: run while ! [ -e {file} ]; do sleep 0.05; done";

    private static IEnumerable<string> Turns(SimulatedUser user) =>
        user.Journal().Select(e => SimulatedUser.Text(e, "event")).Where(e => e is "turn-started" or "turn-ended").Select(e => e!["turn-".Length..]);
}
