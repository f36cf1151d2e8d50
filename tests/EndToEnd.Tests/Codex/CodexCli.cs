using System.Text.Json.Nodes;
using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.EndToEnd.Tests.Codex;

/// <summary>What <c>codex exec</c> reported.</summary>
internal sealed record ExecRun(string ThreadId, string Message, ProgramRun Run);

/// <summary>The real command line, used without a terminal.</summary>
internal sealed class CodexCli(CodexInstall codex, PrivateHome home)
{
    public Task<ExecRun> ExecAsync(string prompt, string? sandbox = null) =>
        RunAsync(sandbox is null ? ["exec", "--json", prompt] : ["exec", "--json", "--sandbox", sandbox, prompt]);

    /// <summary>What <c>codex resume ID</c> is to a user: that one needs a terminal.</summary>
    public Task<ExecRun> ResumeAsync(string threadId, string prompt) => RunAsync(["exec", "resume", "--json", threadId, prompt]);

    private async Task<ExecRun> RunAsync(IEnumerable<string> arguments)
    {
        await using var program = RunningProgram.Start(codex.Native, arguments, home.Environ(), home.Workspace);
        var run = await program.EndAsync();
        Assert.True(run.ExitCode == 0, run.ToString());
        var events = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
        var thread = events.Single(e => Type(e) is "thread.started")["thread_id"]!.GetValue<string>();
        var message = events.Last(e => Type(e) is "item.completed" && Type(e["item"]!) is "agent_message")["item"]!["text"]!.GetValue<string>();
        return new ExecRun(thread, message, run);
    }

    private static string Type(JsonNode node) => node["type"]!.GetValue<string>();
}
