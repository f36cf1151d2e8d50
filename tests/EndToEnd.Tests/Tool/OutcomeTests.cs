using System.Text.Json.Nodes;
using CodexCompanion.EndToEnd.Tests.Codex;
using CodexCompanion.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace CodexCompanion.EndToEnd.Tests.Tool;

/// <summary>What a turn comes to: an edited file, the model's own failures, an interrupted command.</summary>
public sealed class OutcomeTests(ITestOutputHelper output) : ToolTests(output)
{
    [RealCodexTheory, BothVersions]
    public async Task A_writing_task_edits_the_workspace_and_a_reading_one_cannot(string version)
    {
        var user = await UseAsync(version);

        await user.TaskAsync("stub: edit refused.txt no");
        var patched = await user.TaskAsync([.. user.WriteOptions, "stub: patch patched.txt new\nstub: edit edited.txt line"]);

        Assert.False(File.Exists(user.Home.InWorkspace("refused.txt")));
        Assert.Equal("line\n", await File.ReadAllTextAsync(user.Home.InWorkspace("edited.txt")));
        Assert.Equal("new\n", await File.ReadAllTextAsync(user.Home.InWorkspace("patched.txt")));
        Assert.Contains("patched.txt", Assert.Single(patched.All["touchedFiles"]!.AsArray())!.GetValue<string>(), StringComparison.Ordinal);
    }

    [RealCodexTheory, BothVersions]
    public async Task A_used_up_limit_is_told_as_it_is_and_exits_5(string version)
    {
        var user = await UseAsync(version);

        var run = await user.RunAsync("task", "--json", "stub: status 429");
        var plain = await user.RunAsync("task", "stub: failed server_is_overloaded");

        Assert.Equal(5, run.ExitCode);
        Assert.Contains("hit your usage limit", ToolError.Of(run).Message, StringComparison.Ordinal);
        Assert.Equal(5, plain.ExitCode);
        Assert.Contains("at capacity", plain.Error, StringComparison.Ordinal);
        Assert.Equal("", plain.Output);
        Assert.Single(user.Model.Asked("status 429"));
    }

    [RealCodexTheory, BothVersions]
    public async Task A_failing_model_is_a_failed_task_and_no_lost_connection(string version)
    {
        var user = await UseAsync(version);
        var before = await user.TaskAsync("start the broker");
        var broker = await user.BrokerAsync();

        var run = await user.RunAsync("task", "--json", "stub: status 500");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("experiencing high demand", ToolError.Of(run).Message, StringComparison.Ordinal);
        // The attempts are codex's own (one retry of the stream, of the request each): one turn, not run again by anybody.
        Assert.Single(user.Model.Asked("status 500").Select(request => request.ThreadId).Distinct(StringComparer.Ordinal));
        Assert.Equal(4, user.Model.Asked("status 500").Count);
        Assert.Equal(broker, await user.BrokerAsync());
        Assert.NotEqual(before.ThreadId, user.Model.Asked("status 500")[0].ThreadId, StringComparer.Ordinal);
    }

    [RealCodexTheory, BothVersionsWith(Signal.Interrupt, Signal.Terminate)]
    public async Task A_signal_while_a_writing_command_runs_ends_the_command_too(string version, Signal signal)
    {
        var user = await UseAsync(version);
        var seconds = 100_000 + Random.Shared.Next(100_000); // tells this test's sleep from every other
        await using var task = user.StartTask([.. user.WriteOptions, $"stub: shell \"touch began; sleep {seconds}; touch ended\""]);
        await ToolUser.WhileRunningAsync(task, () => File.Exists(user.Home.InWorkspace("began")), "the command runs");
        var job = JsonNode.Parse(task.ErrorSoFar.Split('\n')[0])!["jobId"]!.GetValue<string>();

        task.Send(signal);
        var run = await user.EndAsync(task);

        Assert.Equal(128 + (int)signal, run.ExitCode);
        Assert.Empty(ProcessTable.WithCommandLine($"sleep {seconds}"));
        Assert.False(File.Exists(user.Home.InWorkspace("ended")));
        Assert.Equal("cancelled", user.Job(job)["status"]!.GetValue<string>());
        Assert.Equal("You said: the next one", (await user.TaskAsync("the next one")).RawOutput);
    }
}
