using System.Text.Json.Nodes;
using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.EndToEnd.Tests.Simulated;

/// <summary>Following a job as it goes on, and leaving a run that takes too long to its worker: nothing is lost, nothing comes twice.</summary>
public sealed class FollowedJobsTests
{
    // Something to read along, in pieces; the end comes a while after the first.
    private const string Talkative = "sim: reasoning first thought\nsim: think 300ms\nsim: reasoning second thought\nsim: think 300ms\nsim: reply the answer";

    private const string Finding =
        """{"verdict":"needs-attention","summary":"It breaks.","findings":[{"severity":"high","title":"Lost update","body":"Two writers.","file":"a.txt","line_start":1,"line_end":1,"confidence":0.8,"recommendation":"Lock it."}],"next_steps":[]}""";

    [LinuxFact]
    public async Task Whoever_follows_a_log_has_at_the_end_read_all_of_it_once()
    {
        await using var user = new SimulatedUser();
        var id = await LaunchAsync(user, Talkative);
        var followed = await user.RunAsync("logs", id, "-f");
        var whole = await user.RunAsync("logs", id);
        var last = await user.RunAsync("logs", id, "-f", "-n", "2");
        var unfollowed = user.Start("logs", id, "-f", "--json");

        Assert.Equal((0, whole.Output), (followed.ExitCode, followed.Output));
        Assert.Contains("second thought", whole.Output, StringComparison.Ordinal);
        Assert.Contains("    the answer\n", whole.Output, StringComparison.Ordinal);
        Assert.EndsWith(last.Output, whole.Output, StringComparison.Ordinal);
        Assert.Equal(2, last.Output.Split('\n').Count(line => line.StartsWith('[')));
        var lines = (await unfollowed.EndAsync()).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await unfollowed.DisposeAsync();
        Assert.Equal("end", JsonNode.Parse(lines[^1])!["type"]!.GetValue<string>());
    }

    [LinuxFact]
    public async Task Events_that_were_followed_to_somewhere_go_on_from_there_while_the_job_runs()
    {
        await using var user = new SimulatedUser();
        var go = Path.Combine(user.Home.Root, "go");
        var id = await LaunchAsync(user, $"sim: reasoning first thought\nsim: run while ! [ -e '{go}' ]; do sleep 0.02; done\nsim: reasoning second thought\nsim: reply the answer");
        await using var first = user.Start("events", id, "--json", "--follow");
        await Eventually.TrueAsync(() => first.OutputSoFar.Contains("first thought", StringComparison.Ordinal), "the first thought is told");
        first.Send(Signal.Kill); // Whoever followed is gone, and knows the last whole line it read.
        await Eventually.TrueAsync(() => first.HasExited, "it is gone");
        var known = first.OutputSoFar[..(first.OutputSoFar.LastIndexOf('\n') + 1)];
        var cursor = JsonNode.Parse(known.TrimEnd('\n').Split('\n')[^1])!["cursor"]!.GetValue<long>();
        await File.WriteAllTextAsync(go, "");

        var rest = await user.RunAsync("events", id, "--json", "--follow", "--since", $"{cursor}");
        var all = await user.RunAsync("events", id, "--json");

        Assert.Equal(all.Output, known + rest.Output);
        Assert.Contains("\"status\":\"completed\"", rest.Output.Split('\n')[^2], StringComparison.Ordinal);
    }

    [LinuxTheory]
    [InlineData("task", "sim: reply later", "later\n", 0)]
    [InlineData("adversarial-review", "sim: reply " + Finding, "# Codex Adversarial Review", 8)]
    public async Task A_run_that_outlives_its_host_is_left_to_its_worker_and_loses_nothing(string command, string reply, string begin, int exitCode)
    {
        await using var user = new SimulatedUser();
        await File.WriteAllTextAsync(user.Home.InWorkspace("a.txt"), "one\n");
        string[] options = command == "task" ? [] : ["--fail-on", "high"];

        var go = Path.Combine(user.Home.Root, "go");
        var left = await user.RunAsync([command, "--hand-over", "400ms", "--json", .. options, $"sim: run while ! [ -e '{go}' ]; do sleep 0.02; done\n{reply}"]);
        Assert.True(left.ExitCode == 3, left.ToString());
        var id = JsonNode.Parse(left.Output)!["jobId"]!.GetValue<string>();
        await File.WriteAllTextAsync(go, "");
        var waited = await user.RunAsync("wait", id);
        var inTime = await user.RunAsync([command, "--hand-over", "1m", .. options, reply]);

        Assert.True(waited.ExitCode == exitCode, waited.ToString());
        Assert.StartsWith(begin, waited.Output, StringComparison.Ordinal);
        Assert.True(inTime.ExitCode == exitCode, inTime.ToString());
        Assert.StartsWith(begin, inTime.Output, StringComparison.Ordinal);
        Assert.Equal(2, user.Events("turn-started").Count());
    }

    private static async Task<string> LaunchAsync(SimulatedUser user, params string[] arguments)
    {
        var run = await user.RunAsync(["task", "--background", "--json", .. arguments]);
        Assert.True(run.ExitCode == 0, run.ToString());
        return JsonNode.Parse(run.Output)!["jobId"]!.GetValue<string>();
    }
}
