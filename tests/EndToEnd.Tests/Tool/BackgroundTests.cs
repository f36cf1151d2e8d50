using System.Text.Json.Nodes;
using CodexCompanion.EndToEnd.Tests.Codex;
using CodexCompanion.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace CodexCompanion.EndToEnd.Tests.Tool;

/// <summary>Background jobs with a real codex: launched, looked at, waited for, continued, cancelled.</summary>
public sealed class BackgroundTests(ITestOutputHelper output) : ToolTests(output)
{
    [RealCodexTheory, BothVersions]
    public async Task A_task_in_the_background_is_seen_at_work_waited_for_and_continued(string version)
    {
        var user = await UseAsync(version);
        var id = await LaunchAsync("in the background\nstub: hold answer");
        await Eventually.TrueAsync(() => user.Model.Asked("in the background").Count > 0, "the model is asked");

        var status = JsonNode.Parse((await user.RunAsync("status", "--json")).Output)!;
        var early = await user.RunAsync("wait", id, "--timeout", "1ms");
        var unfinished = await user.RunAsync("result", id);
        user.Model.LetGo("answer");
        var waited = await user.RunAsync("wait", id);
        var result = JsonNode.Parse((await user.RunAsync("result", id, "--json")).Output)!;
        var next = await user.TaskAsync("--resume", "and further");

        Assert.Equal(id, Assert.Single(status["running"]!.AsArray())!["id"]!.GetValue<string>());
        Assert.Equal((3, 3), (early.ExitCode, unfinished.ExitCode));
        Assert.True(waited.ExitCode == 0, waited.ToString());
        Assert.StartsWith("You said: in the background", waited.Output, StringComparison.Ordinal);
        Assert.Equal("completed", result["job"]!["status"]!.GetValue<string>());
        Assert.Equal(user.Job(id)["threadId"]!.GetValue<string>(), next.ThreadId);
    }

    [RealCodexTheory, BothVersions]
    public async Task A_cancelled_job_leaves_no_command_running_and_says_so(string version)
    {
        var user = await UseAsync(version);
        var id = await LaunchAsync([.. user.WriteOptions, $"stub: shell echo begun > begun.txt; sleep 300"]);
        await Eventually.TrueAsync(() => File.Exists(user.Home.InWorkspace("begun.txt")), "the command runs");

        var cancel = await user.RunAsync("cancel", id, "--json", "--cwd", "/");

        Assert.True(cancel.ExitCode == 0, cancel.ToString());
        Assert.True(JsonNode.Parse(cancel.Output)!["turnInterrupted"]!.GetValue<bool>());
        Assert.DoesNotContain(user.Home.Processes(), p => p.CommandLine.Contains("sleep 300", StringComparison.Ordinal));
        Assert.Equal("cancelled", user.Job(id)["status"]!.GetValue<string>());
        Assert.Equal(9, (await user.RunAsync("wait", id)).ExitCode);
        Assert.Equal("You said: after it", (await user.TaskAsync("after it")).RawOutput);
    }

    private async Task<string> LaunchAsync(params string[] arguments)
    {
        var run = await User.RunAsync(["task", "--background", "--json", .. arguments]);
        Assert.True(run is { ExitCode: 0, Error: "" }, run.ToString());
        return JsonNode.Parse(run.Output)!["jobId"]!.GetValue<string>();
    }
}
