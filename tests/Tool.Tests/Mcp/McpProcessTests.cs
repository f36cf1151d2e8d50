using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Tests.Jobs;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Xunit;

namespace CodexCompanion.Tool.Tests.Mcp;

/// <summary>The built program as a host starts it.</summary>
public sealed class McpProcessTests : IDisposable
{
    private readonly JobProcessBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task It_serves_until_its_stdin_is_closed_and_its_job_outlives_it()
    {
        using var process = _bench.Start("mcp");
        var transport = new StreamClientTransport(process.StandardInput.BaseStream, process.StandardOutput.BaseStream);
        await using var client = await McpClient.CreateAsync(transport);

        var done = await client.CallToolAsync("task", Prompt("sim: reply hello"));
        Assert.Equal("hello", Assert.IsType<TextContentBlock>(done.Content[0]).Text);

        var call = client.CallToolAsync("task", Prompt("sim: think 2s\nsim: reply later")).AsTask();
        await JobProcessBench.UntilAsync(() => _bench.Store.ListJobs().Any(job => !job.IsFinished && job.ThreadId is not null));
        var id = _bench.Store.ListJobs().First(job => !job.IsFinished).Id;
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal((0, ""), (process.ExitCode, await process.StandardError.ReadToEndAsync()));
        await Assert.ThrowsAnyAsync<Exception>(() => call);

        var job = await _bench.EndedAsync(id);
        Assert.Equal((JobStatus.Completed, "later"), (job.Status, job.Rendered));
    }

    [Fact]
    public async Task A_host_that_cancels_and_leaves_in_one_breath_leaves_no_running_job()
    {
        using var process = _bench.Start("mcp");
        await process.StandardInput.WriteAsync(
            """
            {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"host","version":"1"}}}
            {"jsonrpc":"2.0","method":"notifications/initialized"}
            {"jsonrpc":"2.0","id":"the task","method":"tools/call","params":{"name":"task","arguments":{"prompt":"sim: think 600s"}}}

            """.ReplaceLineEndings("\n"));
        await JobProcessBench.UntilAsync(() => Directory.Exists(_bench.Tool.StateRootPath) && _bench.Store.ListJobs() is [{ ThreadId: not null }]);
        await process.StandardInput.WriteAsync("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":\"the task\"}}\n");
        process.StandardInput.Close();

        Assert.Equal(0, (await JobProcessBench.EndAsync(process)).ExitCode);
        var job = Assert.Single(_bench.Store.ListJobs());
        Assert.Equal(JobStatus.Cancelled, job.Status);
        Assert.NotEqual(ProcessPresence.Same, new ProcessTable().Look(_bench.Job(job.Id).Process!));
    }

    [Fact]
    public async Task Noise_on_stdin_gets_no_word_on_stdout_that_is_not_protocol()
    {
        using var process = _bench.Start("mcp");
        await process.StandardInput.WriteAsync("hello?\n{\"jsonrpc\":\"2.0\"}\n[]\n\n{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n");
        process.StandardInput.Close();
        var end = await JobProcessBench.EndAsync(process);
        Assert.Equal(0, end.ExitCode);
        Assert.All(end.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("{", line, StringComparison.Ordinal));
    }

    private static Dictionary<string, object?> Prompt(string text) => new(StringComparer.Ordinal) { ["prompt"] = text };
}
