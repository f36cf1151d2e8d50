using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using CodexCompanion.EndToEnd.Tests.Codex;
using CodexCompanion.EndToEnd.Tests.Harness;
using CodexCompanion.EndToEnd.Tests.Model;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Xunit.Abstractions;

namespace CodexCompanion.EndToEnd.Tests.Tool;

/// <summary>A host of the Model Context Protocol that delegates to the real codex.</summary>
public sealed class McpTests(ITestOutputHelper output) : ToolTests(output)
{
    [RealCodexTheory, BothVersions]
    public async Task A_host_delegates_follows_waits_reads_and_cancels(string version)
    {
        var user = await UseAsync(version);
        using var server = Start(user);
        await using (var host = await McpClient.CreateAsync(new StreamClientTransport(server.StandardInput.BaseStream, server.StandardOutput.BaseStream)))
        {
            var told = new Told();
            var task = host.CallToolAsync("task", Arguments(("prompt", "Say it.\nstub: hold the answer\nstub: reply It is said.")), told).AsTask();
            await Eventually.TrueAsync(() => task.IsCompleted || told.Messages.Any(message => message.StartsWith("Turn started", StringComparison.Ordinal)), "the turn's start is told");
            user.Model.LetGo("the answer");
            var done = await task;
            Assert.Equal("It is said.", Text(done));
            var thread = done.StructuredContent!.Value.GetProperty("threadId").GetString()!;

            var launched = await host.CallToolAsync("task", Arguments(("prompt", "go on"), ("thread", thread), ("background", true)));
            var id = Id(launched);
            Assert.Equal("You said: go on", Text(await host.CallToolAsync("wait", Arguments(("job", id)))));
            Assert.Equal("You said: go on", Text(await host.CallToolAsync("result", Arguments(("job", id)))));
            Assert.Contains(await host.ListResourcesAsync(), resource => resource.Name == id);
            var read = await host.ReadResourceAsync($"codex-companion://jobs/{id}");
            Assert.Contains("You said: go on", Assert.IsType<TextResourceContents>(read.Contents[0]).Text, StringComparison.Ordinal);

            using var unwanted = new CancellationTokenSource();
            var call = host.CallToolAsync("task", Arguments(("prompt", "never mind\nstub: hold for ever")), cancellationToken: unwanted.Token).AsTask();
            await Eventually.TrueAsync(() => call.IsCompleted || user.Model.Asked("never mind").Count > 0, "the model is asked");
            await unwanted.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
            await Eventually.TrueAsync(() => user.Model.Asked("never mind")[0].End is RequestEnd.ClientLeft, "its turn is stopped");
        }

        server.StandardInput.Close();
        await server.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal((0, ""), (server.ExitCode, await server.StandardError.ReadToEndAsync()));
        using var status = JsonDocument.Parse((await user.RunAsync("status", "--json")).Output);
        var newest = status.RootElement.GetProperty("latestFinished");
        Assert.StartsWith("never mind", newest.GetProperty("summary").GetString(), StringComparison.Ordinal);
        Assert.Equal("cancelled", newest.GetProperty("status").GetString());
    }

    private static Process Start(ToolUser user)
    {
        var start = new ProcessStartInfo(ToolUnderTest.Path, ["mcp"])
        {
            WorkingDirectory = user.Home.Workspace,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in user.Home.Environ(user.Codex.Native))
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static Dictionary<string, object?> Arguments(params (string Name, object? Value)[] arguments) =>
        arguments.ToDictionary(argument => argument.Name, argument => argument.Value, StringComparer.Ordinal);

    private static string Text(CallToolResult result) => Assert.IsType<TextContentBlock>(result.Content[0]).Text;

    private static string Id(CallToolResult result) => result.StructuredContent!.Value.GetProperty("jobId").GetString()!;

    // Not Progress<T>: that one reports later, on another thread.
    private sealed class Told : IProgress<ProgressNotificationValue>
    {
        private readonly ConcurrentQueue<string> _messages = new();

        public IEnumerable<string> Messages => _messages;

        public void Report(ProgressNotificationValue value) => _messages.Enqueue(value.Message ?? "");
    }
}
