using System.Text.Json.Nodes;
using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.EndToEnd.Tests.Simulated;

/// <summary>Stop means stopped: the native program cancels what does not want to end, what is another's, and what is ending already.</summary>
public sealed class CancelledJobsTests
{
    private const string Session = "CLAUDE_CODE_SESSION_ID";

    [LinuxTheory]
    [InlineData("")]
    [InlineData("sim: ignore-interrupt\n")]
    public async Task A_command_that_ignores_every_polite_signal_is_gone_after_a_cancel_from_anywhere(string turn)
    {
        await using var user = new SimulatedUser();
        user.Set(Session, "first");
        var begun = user.Home.InWorkspace("begun");
        var id = await LaunchAsync(user, "--write", $"{turn}sim: run trap '' TERM INT HUP; echo $$ > '{begun}'; while :; do sleep 1; done");
        await Eventually.TrueAsync(() => File.Exists(begun) && File.ReadAllText(begun).EndsWith('\n'), "the command runs");
        var command = int.Parse(await File.ReadAllTextAsync(begun), System.Globalization.CultureInfo.InvariantCulture);

        user.Set(Session, "second");
        var cancel = await user.RunAsync("cancel", id, "--json", "--cwd", "/");

        Assert.True(cancel.ExitCode == 0, cancel.ToString());
        Assert.False(ProcessTable.Lives(command));
        Assert.Equal(9, (await user.RunAsync("wait", id)).ExitCode);
        Assert.Equal("cancelled", await StatusAsync(user, id));
        Assert.False(user.TurnRuns());
    }

    [LinuxFact]
    public async Task Of_a_cancel_and_an_end_that_race_one_wins_and_everybody_names_the_same()
    {
        await using var user = new SimulatedUser();
        foreach (var pause in Enumerable.Range(0, 8).Select(n => n * 15))
        {
            var id = await LaunchAsync(user, $"sim: think {pause}ms\nsim: reply done");
            await using var program = user.Start("cancel", id);
            var cancelled = (await program.EndAsync()).ExitCode == 0;
            var waited = await user.RunAsync("wait", id);
            Assert.Equal((cancelled ? "cancelled" : "completed", cancelled ? 9 : 0), (await StatusAsync(user, id), waited.ExitCode));
            Assert.Equal(cancelled, waited.Output.Contains("Cancelled: ", StringComparison.Ordinal)); // What had been said by then is kept either way.
        }
    }

    [LinuxFact]
    public async Task A_cancel_after_the_end_undoes_nothing()
    {
        await using var user = new SimulatedUser();
        var ended = await LaunchAsync(user, "sim: reply done");
        Assert.Equal(0, (await user.RunAsync("wait", ended)).ExitCode);
        Assert.Equal(1, (await user.RunAsync("cancel", ended)).ExitCode);
        Assert.Equal("completed", await StatusAsync(user, ended));
    }

    private static async Task<string> LaunchAsync(SimulatedUser user, params string[] arguments)
    {
        var run = await user.RunAsync(["task", "--background", "--json", .. arguments]);
        Assert.True(run.ExitCode == 0, run.ToString());
        return JsonNode.Parse(run.Output)!["jobId"]!.GetValue<string>();
    }

    private static async Task<string> StatusAsync(SimulatedUser user, string id) =>
        JsonNode.Parse((await user.RunAsync("status", id, "--json")).Output)!["job"]!["status"]!.GetValue<string>();
}
