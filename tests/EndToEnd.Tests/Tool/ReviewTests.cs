using System.Text.Json.Nodes;
using CodexCompanion.EndToEnd.Tests.Codex;
using CodexCompanion.EndToEnd.Tests.Harness;
using CodexCompanion.EndToEnd.Tests.Model;
using Xunit.Abstractions;

namespace CodexCompanion.EndToEnd.Tests.Tool;

/// <summary>Reviews by the real codex: its own reviewer through <c>review/start</c>, and ours through a structured turn.</summary>
public sealed class ReviewTests(ITestOutputHelper output) : ToolTests(output)
{
    // How codex's own prompt for uncommitted changes begins.
    private const string NativePrompt = "Review the current code changes";

    private static string Answer(string severity = "high", string file = "a.txt") =>
        $$"""{"verdict":"needs-attention","summary":"It breaks.","findings":[{"severity":"{{severity}}","title":"Lost update","body":"Two writers.","file":"{{file}}","line_start":2,"line_end":2,"confidence":0.8,"recommendation":"Lock it."}],"next_steps":["Lock it."]}""";

    [RealCodexTheory, BothVersions]
    public async Task The_built_in_reviewers_findings_are_read_from_its_text(string version)
    {
        var user = await InRepositoryAsync(version);
        user.Model.Script(NativePrompt, "stub: structured " + NativeAnswer(user));

        var run = await user.RunAsync("review", "--json", "--fail-on", "high", "-m", "other-model");
        var clean = await ReviewAsync(user, """{"findings":[],"overall_correctness":"patch is correct","overall_explanation":"Fine.","overall_confidence_score":0.9}""");

        Assert.Equal(8, run.ExitCode);
        var json = JsonNode.Parse(run.Output)!;
        var finding = Assert.Single(json["result"]!["findings"]!.AsArray())!;
        Assert.Equal(("Guard it", "high", "a.txt", 2), (finding["title"]!.GetValue<string>(), finding["severity"]!.GetValue<string>(), finding["file"]!.GetValue<string>(), finding["line_start"]!.GetValue<int>()));
        Assert.StartsWith("It breaks.", json["rawOutput"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("other-model", user.Model.Asked(NativePrompt)[0].Conversation.Model);
        Assert.Equal((0, "approve"), (clean.ExitCode, JsonNode.Parse(clean.Output)!["result"]!["verdict"]!.GetValue<string>()));
        Assert.Equal(("review", "completed", "read-only"), (Text(user.Job(Text(json, "jobId")), "kind"), Text(user.Job(Text(json, "jobId")), "status"), Text(user.Job(Text(json, "jobId")), "sandbox")));
    }

    [RealCodexTheory, BothVersions]
    public async Task Our_own_reviewer_answers_in_the_schema_and_is_asked_again_when_it_does_not(string version)
    {
        var user = await InRepositoryAsync(version);
        user.Model.Script("could not be read as a review", "stub: structured " + Answer());

        var asked = await user.RunAsync("adversarial-review", "--json", "focus\nstub: structured " + Answer());
        var repaired = await user.RunAsync("adversarial-review", "--json", "talkative\nstub: reply \"Looks good to me.\"");

        var (first, second) = (JsonNode.Parse(asked.Output)!, JsonNode.Parse(repaired.Output)!);
        Assert.Equal((0, "new"), (asked.ExitCode, first["result"]!["findings"]![0]!["state"]!.GetValue<string>()));
        Assert.Equal((0, "still"), (repaired.ExitCode, second["result"]!["findings"]![0]!["state"]!.GetValue<string>()));
        Assert.Single(second["recoveryNotes"]!.AsArray());
        Assert.All(user.Model.Asked("adversarial software review"), request => Assert.True(request.Conversation.HasSchema));
        Assert.Contains(user.Model.Asked("adversarial software review"), request => request.Prompt.Contains("+two", StringComparison.Ordinal));
        Assert.Single(user.Model.Asked("could not be read as a review"));
        Assert.Equal(user.Model.Asked("talkative")[0].ThreadId, user.Model.Asked("could not be read as a review")[0].ThreadId);
        Assert.Equal("You said: go on", (await new CodexCli(user.Codex, user.Home).ResumeAsync(Text(second, "threadId"), "go on")).Message);
    }

    [RealCodexTheory, BothVersionsWith("review", "adversarial-review")]
    public async Task A_review_whose_broker_dies_in_its_middle_runs_again(string version, string command)
    {
        var user = await InRepositoryAsync(version);
        var marker = command is "review" ? NativePrompt : "adversarial software review";
        user.Model.Script(marker, "stub: hold the fault\nstub: structured " + (command is "review" ? NativeAnswer(user) : Answer()));
        await using var review = user.Start(command, "--json");
        await ToolUser.WhileRunningAsync(review, () => user.Model.Asked(marker).Count > 0, "the model is asked");

        Signals.Send((await user.BrokerAsync()).Pid, Signal.Kill);
        await Eventually.TrueAsync(() => user.Model.Asked(marker)[0].End is RequestEnd.ClientLeft, "its app-server is gone");
        user.Model.LetGo("the fault");
        var run = await user.EndAsync(review);
        await user.TaskAsync("the next one"); // finds what the killed broker left, and puts that right

        Assert.Equal(0, run.ExitCode);
        Assert.Single(JsonNode.Parse(run.Output)!["result"]!["findings"]!.AsArray());
        Assert.Equal([RequestEnd.ClientLeft, RequestEnd.Answered], user.Model.Asked(marker).Select(request => request.End));
    }

    [RealCodexTheory, BothVersions]
    public async Task A_review_in_the_background_outlives_who_asked_for_it(string version)
    {
        var user = await InRepositoryAsync(version);
        user.Model.Script(NativePrompt, "stub: hold back\nstub: structured " + NativeAnswer(user));

        var launched = await user.RunAsync("review", "--background", "--json");
        var id = Text(JsonNode.Parse(launched.Output)!, "jobId");
        await Eventually.TrueAsync(() => user.Model.Asked(NativePrompt).Count > 0, "the model is asked");
        Assert.Equal("running", Text(user.Job(id), "status"));
        user.Model.LetGo("back");
        await Eventually.TrueAsync(() => Text(user.Job(id), "status") is not "running", "the review ends");

        var job = user.Job(id);
        Assert.Equal(("completed", "review"), (Text(job, "status"), Text(job, "jobClass")));
        Assert.Contains("[high] Guard it (a.txt:2)", Text(job, "rendered"), StringComparison.Ordinal);
        Assert.StartsWith("review-", id, StringComparison.Ordinal);
    }

    [SarifFact]
    public async Task Sarif_is_valid_by_its_own_validator()
    {
        var user = await InRepositoryAsync(CodexInstall.Newest);
        await user.RunAsync("adversarial-review", "--json", "stub: structured " + Answer(file: "päth with blank.txt"));
        var run = await user.RunAsync("adversarial-review", "--format", "sarif", "stub: structured " + Answer());
        var broken = JsonNode.Parse(run.Output)!;
        broken["runs"]![0]!.AsObject().Remove("tool");

        Assert.Empty(await SarifMultitool.ErrorsOfAsync(run.Output, user.Home.Temp));
        Assert.NotEmpty(await SarifMultitool.ErrorsOfAsync(broken.ToJsonString(), user.Home.Temp));
    }

    [RealCodexTheory, BothVersions]
    public async Task Setup_tells_of_codex_provider_and_sandbox_as_they_are(string version)
    {
        var user = await UseAsync(version);

        var run = await user.RunAsync("setup", "--json");

        var setup = JsonNode.Parse(run.Output)!;
        Assert.True(setup["ready"]!.GetValue<bool>());
        Assert.Equal((user.Codex.Version, user.Codex.Native), (Text(setup["codex"]!, "version"), Text(setup["codex"]!, "path")));
        Assert.Contains("is configured and does not require OpenAI authentication", Text(setup["auth"]!, "detail"), StringComparison.Ordinal);
        Assert.Contains("authentication required", Text(setup["quota"]!, "problem"), StringComparison.Ordinal);
        Assert.NotNull(setup["sandbox"]!["available"]);
    }

    [RealCodexTheory, BothVersions]
    public async Task A_claude_session_is_transferred_once_and_known_again(string version)
    {
        var user = await UseAsync(version);
        var projects = Directory.CreateDirectory(Path.Combine(user.Home.Root, "home", ".claude", "projects", "-work")).FullName;
        var transcript = Path.Combine(projects, "0199aaaa-0000-4000-8000-000000000001.jsonl");
        await File.WriteAllTextAsync(transcript, Entry(user, 1));

        var first = JsonNode.Parse((await user.RunAsync("transfer", "--source", transcript, "--json")).Output)!;
        var second = JsonNode.Parse((await user.RunAsync("transfer", "--source", transcript, "--json")).Output)!;
        await File.AppendAllTextAsync(transcript, Entry(user, 2));
        var grown = JsonNode.Parse((await user.RunAsync("transfer", "--source", transcript, "--json")).Output)!;

        Assert.False(first["alreadyImported"]!.GetValue<bool>());
        Assert.Equal((true, Text(first, "threadId")), (second["alreadyImported"]!.GetValue<bool>(), Text(second, "threadId")));
        Assert.False(grown["alreadyImported"]!.GetValue<bool>());
        Assert.Equal("You said: go on", (await user.TaskAsync("--thread", Text(grown, "threadId"), "go on")).RawOutput);
    }

    private async Task<ToolUser> InRepositoryAsync(string version)
    {
        var user = await UseAsync(version);
        await File.WriteAllTextAsync(user.Home.InWorkspace("a.txt"), "one\n");
        foreach (var arguments in (string[][])[["add", "--all"], ["-c", "user.name=S", "-c", "user.email=s@example.invalid", "commit", "--quiet", "-m", "first"]])
        {
            await using var git = RunningProgram.Start("/usr/bin/env", ["git", .. arguments], user.Home.Environ(), user.Home.Workspace);
            Assert.Equal(0, (await git.EndAsync()).ExitCode);
        }

        await File.WriteAllTextAsync(user.Home.InWorkspace("a.txt"), "one\ntwo\n");
        return user;
    }

    private static async Task<ProgramRun> ReviewAsync(ToolUser user, string answer)
    {
        user.Model.Script(NativePrompt, "stub: structured " + answer);
        return await user.RunAsync("review", "--json", "--fail-on", "low");
    }

    private static string NativeAnswer(ToolUser user) =>
        $$"""{"findings":[{"title":"[P1] Guard it","body":"Two writers.","confidence_score":0.8,"priority":1,"code_location":{"absolute_file_path":"{{user.Home.InWorkspace("a.txt")}}","line_range":{"start":2,"end":2} } }],"overall_correctness":"patch is incorrect","overall_explanation":"It breaks.","overall_confidence_score":0.9}""";

    private static string Entry(ToolUser user, int number) =>
        new JsonObject
        {
            ["type"] = "user",
            ["sessionId"] = "0199aaaa-0000-4000-8000-000000000001",
            ["cwd"] = user.Home.Workspace,
            ["uuid"] = $"u{number}",
            ["parentUuid"] = null,
            ["timestamp"] = TimeProvider.System.GetUtcNow().ToString("O"),
            ["version"] = "2",
            ["message"] = new JsonObject { ["role"] = "user", ["content"] = $"entry {number}" },
        }.ToJsonString() + "\n";

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();
}
