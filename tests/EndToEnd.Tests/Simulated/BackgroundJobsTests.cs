using System.Text.Json.Nodes;
using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.EndToEnd.Tests.Simulated;

/// <summary>Background jobs of the native program: many at once, and launched by somebody who goes away at once.</summary>
public sealed class BackgroundJobsTests
{
    private const int Jobs = 20;
    private const string Script = "/usr/bin/script";

    [LinuxFact]
    public async Task Twenty_launches_at_once_lose_no_job_and_no_result()
    {
        // Forty processes start on a machine that may be busy with others besides.
        await using var user = new SimulatedUser(new(StringComparer.Ordinal) { ["CODEX_COMPANION_WORKER_ACKNOWLEDGE_LIMIT"] = "60s" });
        var programs = Enumerable.Range(1, Jobs).Select(n => user.Start("task", "--background", "--json", $"sim: reply \"answer {n}\"")).ToList();
        var launches = await Task.WhenAll(programs.Select(p => p.EndAsync()));
        foreach (var program in programs)
            await program.DisposeAsync();
        var ids = launches.Select(JobIdOf).ToList();
        Assert.Equal(Jobs, ids.Distinct(StringComparer.Ordinal).Count());

        var waited = await user.RunAsync(["wait", "--json", .. ids]);

        Assert.True(waited.ExitCode == 0, waited.ToString());
        var results = JsonNode.Parse(waited.Output)!["jobs"]!.AsArray();
        Assert.Equal(Enumerable.Range(1, Jobs).Select(n => $"answer {n}"), results.Select(r => r!["storedJob"]!["rendered"]!.GetValue<string>()));
        var status = JsonNode.Parse((await user.RunAsync("status", "--all", "--json")).Output)!;
        Assert.Empty(status["running"]!.AsArray());
        Assert.Equal(Jobs - 1, status["recent"]!.AsArray().Count);
        Assert.Equal(Jobs, user.Events("turn-started").Count());
    }

    [LinuxFact]
    public async Task A_job_survives_the_closing_of_the_terminal_it_was_launched_in()
    {
        if (!File.Exists(Script))
            return;
        await using var user = new SimulatedUser();
        // The terminal's owner is killed: the system hangs up on everything that runs in it, unless this test runs where that is ignored.
        var tool = user.Tool;
        user.Tool = "/usr/bin/env";
        await using var terminal = user.Start("--default-signal=HUP", Script, "-qfc", $"'{tool}' task --background --json 'sim: think 1s\nsim: reply still here'; sleep 300", Path.Combine(user.Home.Temp, "typescript"));
        user.Tool = tool;
        await Eventually.TrueAsync(() => terminal.OutputSoFar.Contains("logFile", StringComparison.Ordinal), "the job is launched");
        var id = JobIdOf(terminal.OutputSoFar[terminal.OutputSoFar.IndexOf('{', StringComparison.Ordinal)..]);
        terminal.Send(Signal.Kill);
        await Eventually.TrueAsync(() => !user.Home.Processes().Any(p => p.CommandLine.Contains("sleep 300", StringComparison.Ordinal)), "the terminal is gone with what ran in it");

        var waited = await user.RunAsync("wait", id);

        Assert.True(waited.ExitCode == 0, waited.ToString());
        Assert.StartsWith("still here\n", waited.Output, StringComparison.Ordinal);
    }

    [LinuxTheory]
    [InlineData("", ">&-", true)]
    [InlineData("", ">/dev/full", true)]
    [InlineData("mkfifo pipe; exec 3<>pipe 4>pipe 3>&-; ", ">&4", false)]
    public async Task A_job_is_launched_although_nobody_reads_what_is_printed(string before, string output, bool isToldOnStderr)
    {
        await using var user = new SimulatedUser();
        var tool = user.Tool;
        user.Tool = "/bin/sh";
        var shell = await user.RunAsync("-c", $"{before}'{tool}' task --background 'sim: reply unheard' {output}");
        user.Tool = tool;

        Assert.True(shell is { ExitCode: 0, Output: "" }, shell.ToString());
        Assert.Equal(isToldOnStderr, shell.Error.Contains("in the background as task-", StringComparison.Ordinal));
        await Eventually.TrueAsync(async () => (await user.RunAsync("result")).ExitCode == 0, () => "it has ended");
        Assert.StartsWith("unheard\n", (await user.RunAsync("result")).Output, StringComparison.Ordinal);
    }

    private static string JobIdOf(ProgramRun run)
    {
        Assert.True(run.ExitCode == 0, run.ToString());
        return JobIdOf(run.Output);
    }

    private static string JobIdOf(string json) => JsonNode.Parse(json.Split('\n')[0])!["jobId"]!.GetValue<string>();
}
