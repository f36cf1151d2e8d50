using System.Text.Json.Nodes;
using CodexCompanion.EndToEnd.Tests.Codex;
using CodexCompanion.EndToEnd.Tests.Harness;
using CodexCompanion.EndToEnd.Tests.Model;

namespace CodexCompanion.EndToEnd.Tests;

/// <summary>The stub speaks what the real codex expects: seen through <c>codex exec</c> and a raw app-server session, without the tool.</summary>
public sealed class StubAndRealCodexTests
{
    [RealCodexTheory, BothVersions]
    public async Task An_exec_run_prints_the_stubs_reply_and_its_thread_can_be_resumed(string version)
    {
        var codex = await CodexInstall.OfAsync(version);
        await using var home = PrivateHome.Create();
        var cli = new CodexCli(codex, home);

        var first = await cli.ExecAsync("remember the number 7\nstub: delay 300ms\nstub: deltas 20\nstub: reply \"seven\"");
        var again = await cli.ResumeAsync(first.ThreadId, "which number?");

        Assert.Equal("seven", first.Message);
        Assert.True(first.Run.Time >= TimeSpan.FromMilliseconds(300));
        Assert.Equal("You said: which number?", again.Message);
        Assert.Equal(first.ThreadId, again.ThreadId);
        Assert.Equal("remember the number 7", home.Model.Journal[^1].Conversation.Prompts[0].Split('\n')[0]);
    }

    [RealCodexTheory, BothVersions]
    public async Task A_shell_directive_runs_the_command_and_then_replies(string version)
    {
        var codex = await CodexInstall.OfAsync(version);
        await using var home = PrivateHome.Create();
        await using var server = await RawAppServer.StartAsync(codex.Native, home.Environ(), home.Workspace);
        var thread = await server.StartThreadAsync(home.Workspace);

        var turn = await server.RunTurnAsync(thread, "stub: shell \"echo from the shell; exit 3\"\nstub: reply \"ran it\"");

        Assert.Equal("completed", turn["status"]!.GetValue<string>());
        var command = (await server.CompletedItemAsync("commandExecution"));
        Assert.Equal("from the shell\n", command["aggregatedOutput"]!.GetValue<string>());
        Assert.Equal(3, command["exitCode"]!.GetValue<int>());
        Assert.Equal("ran it", (await server.CompletedItemAsync("agentMessage"))["text"]!.GetValue<string>());
        Assert.Equal([0, 1], home.Model.Journal.Select(request => request.Conversation.FinishedCalls));
    }

    [RealCodexTheory, BothVersions]
    public async Task An_edit_and_a_patch_change_files_under_workspace_write_only(string version)
    {
        var codex = await CodexInstall.OfAsync(version);
        await using var home = PrivateHome.Create();
        await using var server = await RawAppServer.StartAsync(codex.Native, home.Environ(), home.Workspace);
        var reading = await server.StartThreadAsync(home.Workspace);
        var writing = await server.StartThreadAsync(home.Workspace, await WritingSandbox.ModeAsync(codex));

        await server.RunTurnAsync(reading, "stub: edit refused.txt no");
        await server.RunTurnAsync(writing, "stub: edit edited.txt one line\nstub: patch patched.txt another");

        Assert.False(File.Exists(home.InWorkspace("refused.txt")));
        Assert.Equal("one line\n", await File.ReadAllTextAsync(home.InWorkspace("edited.txt")));
        Assert.Equal("another\n", await File.ReadAllTextAsync(home.InWorkspace("patched.txt")));
        Assert.Equal("add", (await server.CompletedItemAsync("fileChange"))["changes"]![0]!["kind"]!["type"]!.GetValue<string>());
    }

    [RealCodexTheory, BothVersions]
    public async Task A_used_up_limit_a_server_error_and_a_cut_stream_end_the_turn_with_codexs_own_errors(string version)
    {
        var codex = await CodexInstall.OfAsync(version);
        await using var home = PrivateHome.Create();
        await using var server = await RawAppServer.StartAsync(codex.Native, home.Environ(), home.Workspace);
        var thread = await server.StartThreadAsync(home.Workspace);

        var limit = await server.RunTurnAsync(thread, "stub: status 429");
        var failure = await server.RunTurnAsync(thread, "stub: status 500");
        var capacity = await server.RunTurnAsync(thread, "stub: failed server_is_overloaded");
        var cut = await server.RunTurnAsync(thread, "stub: deltas 4\nstub: cut\nstub: reply \"never whole\"");

        Assert.Equal("usageLimitExceeded", limit["error"]!["codexErrorInfo"]!.GetValue<string>());
        Assert.Contains("usage limit", limit["error"]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("internalServerError", failure["error"]!["codexErrorInfo"]!.GetValue<string>());
        Assert.Equal("serverOverloaded", capacity["error"]!["codexErrorInfo"]!.GetValue<string>());
        Assert.Equal("failed", cut["status"]!.GetValue<string>());
        Assert.Equal(2, home.Model.Asked("stub: cut").Count); // the first attempt and the one retry the configuration allows
        Assert.All(home.Model.Asked("stub: cut"), request => Assert.Equal(RequestEnd.Cut, request.End));
    }

    [RealCodexTheory, BothVersions]
    public async Task Turns_of_several_threads_are_in_flight_at_the_same_time(string version)
    {
        var codex = await CodexInstall.OfAsync(version);
        await using var home = PrivateHome.Create();
        await using var server = await RawAppServer.StartAsync(codex.Native, home.Environ(), home.Workspace);
        foreach (var i in Enumerable.Range(0, 3))
            await server.StartTurnAsync(await server.StartThreadAsync(home.Workspace), $"turn {i}\nstub: hold all");
        await Eventually.TrueAsync(() => home.Model.Journal.Count == 3, "all three are asked");
        home.Model.LetGo("all");

        foreach (var _ in Enumerable.Range(0, 3))
            await server.NextAsync(message => RawAppServer.Is(message, "turn/completed"), "the end of a turn");

        Assert.Equal(3, home.Model.MaxInFlight);
    }

    [RealCodexTheory, BothVersions]
    public async Task An_interrupted_turn_hangs_up_on_the_stub_and_is_not_taken_for_an_answer(string version)
    {
        var codex = await CodexInstall.OfAsync(version);
        await using var home = PrivateHome.Create();
        await using var server = await RawAppServer.StartAsync(codex.Native, home.Environ(), home.Workspace);
        var thread = await server.StartThreadAsync(home.Workspace, await WritingSandbox.ModeAsync(codex));
        var turn = await server.StartTurnAsync(thread, "stub: hold for ever\nstub: edit lost.txt kept once");
        await Eventually.TrueAsync(() => home.Model.Journal.Count == 1, "the model is asked");

        await server.CallAsync("turn/interrupt", new JsonObject { ["threadId"] = thread, ["turnId"] = turn });
        await Eventually.TrueAsync(() => home.Model.Journal[0].End == RequestEnd.ClientLeft, "codex hangs up");
        await server.RunTurnAsync(thread, "The connection broke. Look at what is done and do the rest.");
        await server.RunTurnAsync(thread, "And now something else.");

        Assert.Equal("kept once\n", await File.ReadAllTextAsync(home.InWorkspace("lost.txt")));
        Assert.Equal("You said: And now something else.", (await server.CompletedItemAsync("agentMessage"))["text"]!.GetValue<string>());
    }

    [RealCodexFact]
    public async Task The_launcher_of_npm_starts_the_native_program_of_the_same_version()
    {
        var codex = await CodexInstall.OfAsync(CodexInstall.Newest);
        await using var home = PrivateHome.Create();

        await using var launcher = RunningProgram.Start(codex.Launcher, ["--version"], WithNode(home), home.Workspace);
        var run = await launcher.EndAsync();

        Assert.Equal($"codex-cli {codex.Version}\n", run.Output);
    }

    private static Dictionary<string, string> WithNode(PrivateHome home)
    {
        var environment = home.Environ();
        environment["PATH"] = Environment.GetEnvironmentVariable("PATH")!;
        return environment;
    }
}
