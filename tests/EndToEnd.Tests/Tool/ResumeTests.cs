using System.Text.Json.Nodes;
using CodexCompanion.EndToEnd.Tests.Codex;
using CodexCompanion.EndToEnd.Tests.Model;
using Xunit.Abstractions;

namespace CodexCompanion.EndToEnd.Tests.Tool;

/// <summary>Threads go on: in the tool, and in codex's own command line while the broker lives.</summary>
public sealed class ResumeTests(ITestOutputHelper output) : ToolTests(output)
{
    [RealCodexTheory, BothVersions]
    public async Task Resume_goes_on_with_the_newest_thread_and_thread_with_the_one_named(string version)
    {
        var user = await UseAsync(version);
        var first = await user.TaskAsync("first thread");
        var second = await user.TaskAsync("second thread");

        var newest = await user.TaskAsync("--resume", "more of the second");
        var named = await user.TaskAsync("--thread", first.ThreadId, "more of the first");
        var fresh = await user.TaskAsync("--fresh", "a third");

        Assert.Equal(second.ThreadId, newest.ThreadId);
        Assert.Equal("second thread, more of the second", History(user.Model.Asked("more of the second").Single()));
        Assert.Equal(first.ThreadId, named.ThreadId);
        Assert.Equal("first thread, more of the first", History(user.Model.Asked("more of the first").Single()));
        Assert.False(fresh.ThreadId.Equals(first.ThreadId, StringComparison.Ordinal) || fresh.ThreadId.Equals(second.ThreadId, StringComparison.Ordinal));
    }

    [RealCodexTheory, BothVersions]
    public async Task Every_thread_a_task_printed_can_be_resumed_by_codex_itself_while_the_broker_lives(string version)
    {
        var user = await UseAsync(version);
        var codex = new CodexCli(user.Codex, user.Home);
        var reading = await user.TaskAsync("a reading task");
        await ResumesAsync(codex, reading.ThreadId, "a reading task");
        var writing = await user.TaskAsync([.. user.WriteOptions, "a writing task\nstub: edit resumed.txt line"]);
        await ResumesAsync(codex, writing.ThreadId, "a writing task");
        var again = await user.TaskAsync("--thread", reading.ThreadId, "back in the tool");
        await ResumesAsync(codex, again.ThreadId, "a reading task");

        Assert.Equal("You said: back in the tool", again.RawOutput);
        Assert.Equal("ready", (await user.BrokerAsync()).State);
        Assert.Single(user.AppServers());
    }

    [RealCodexTheory, BothVersions]
    public async Task A_thread_has_its_name_when_the_task_ends(string version)
    {
        var user = await UseAsync(version);
        var task = await user.TaskAsync("explain the harbour");

        await using var server = await RawAppServer.StartAsync(user.Codex.Native, user.Home.Environ(user.Codex.Native), user.Home.Workspace);
        var answer = await server.CallAsync("thread/read", new JsonObject { ["threadId"] = task.ThreadId });
        Assert.Contains("explain the harbour", answer["result"]!["thread"]!["name"]?.GetValue<string>() ?? answer.ToJsonString(), StringComparison.Ordinal);
        Assert.StartsWith("Codex Companion", answer["result"]!["thread"]!["name"]?.GetValue<string>(), StringComparison.Ordinal);
        await server.EndAsync();
    }

    private static string History(ModelRequest request) => string.Join(", ", request.Conversation.Prompts);

    private async Task ResumesAsync(CodexCli codex, string thread, string firstPrompt)
    {
        var asked = User.Model.Journal.Count;
        var run = await codex.ResumeAsync(thread, "on the command line");
        Assert.Equal((thread, "You said: on the command line"), (run.ThreadId, run.Message));
        Assert.StartsWith(firstPrompt, User.Model.Journal[asked].Conversation.Prompts[0], StringComparison.Ordinal);
    }
}
