using System.IO.Pipelines;
using CodexCompanion.Tool.Mcp;
using CodexCompanion.Tool.Rendering;
using CodexCompanion.Tool.Tests.Jobs;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Xunit;

namespace CodexCompanion.Tool.Tests.Mcp;

/// <summary>A host with the package's own client, and our server in this process; its jobs run in workers of their own, on the simulated app-server.</summary>
internal sealed class McpBench : IAsyncDisposable
{
    private readonly Pipe _toServer = new();
    private readonly Pipe _toClient = new();

    private McpBench()
    {
    }

    public JobProcessBench Jobs { get; } = new();

    public McpClient Client { get; private set; } = null!;

    /// <summary>Ends when the server has.</summary>
    public Task Serving { get; private set; } = Task.CompletedTask;

    public static async Task<McpBench> StartAsync(bool withoutCodex = false)
    {
        var bench = new McpBench();
        var tool = bench.Jobs.Tool;
        tool.Variables["CODEX_HOME"] = bench.Jobs.Simulation.Home;
        tool.Variables["CODEX_COMPANION_NO_BROKER"] = "1";
        tool.Variables["CODEX_COMPANION_CODEX"] = withoutCodex ? Path.Combine(tool.Root, "no-codex") : JobProcessBench.Program;
        tool.Variables["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "";
        var streams = new StandardStreams(() => bench._toServer.Reader.AsStream(), () => bench._toClient.Writer.AsStream(), () => Stream.Null);
        bench.Serving = McpFace.ServeAsync(tool.Host(Stream.Null, Stream.Null) with { Streams = streams });
        bench.Client = await McpClient.CreateAsync(new StreamClientTransport(bench._toServer.Writer.AsStream(), bench._toClient.Reader.AsStream()));
        return bench;
    }

    /// <summary>Calls a tool.</summary>
    public async Task<CallToolResult> CallAsync(
        string tool, IReadOnlyDictionary<string, object?> arguments, IProgress<ProgressNotificationValue>? progress = null, CancellationToken stop = default) =>
        await Client.CallToolAsync(tool, arguments, progress, cancellationToken: stop);

    /// <summary>Calls a tool with one argument.</summary>
    public Task<CallToolResult> CallAsync(string tool, string name, object? value) =>
        CallAsync(tool, new Dictionary<string, object?>(StringComparer.Ordinal) { [name] = value });

    /// <summary>Launches a task in the background.</summary>
    /// <returns>Its job.</returns>
    public async Task<string> LaunchAsync(string prompt)
    {
        var result = await CallAsync("task", new Dictionary<string, object?>(StringComparer.Ordinal) { ["prompt"] = prompt, ["background"] = true });
        Assert.False(result.IsError, Text(result));
        return result.StructuredContent!.Value.GetProperty("jobId").GetString()!;
    }

    /// <summary>The one job there is, as soon as its turn runs.</summary>
    public async Task<string> RunningJobAsync()
    {
        await JobProcessBench.UntilAsync(() => Directory.Exists(Jobs.Tool.StateRootPath) && Jobs.Store.ListJobs() is [{ ThreadId: not null }]);
        return Jobs.Store.ListJobs()[0].Id;
    }

    /// <summary>The host goes away.</summary>
    public async Task LeaveAsync()
    {
        await _toServer.Writer.CompleteAsync();
        await Serving.WaitAsync(TimeSpan.FromSeconds(60));
    }

    public static string Text(CallToolResult result) => Assert.IsType<TextContentBlock>(result.Content[0]).Text;

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await LeaveAsync();
        Jobs.Dispose();
    }
}
