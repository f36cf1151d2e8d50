using System.Collections.Concurrent;
using System.Text.Json;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Mcp;
using CodexCompanion.Tool.Tests.Jobs;
using CodexCompanion.Tool.Tests.Reviews;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using Xunit;

namespace CodexCompanion.Tool.Tests.Mcp;

/// <summary>The tools and resources, as a host with the package's own client meets them.</summary>
public sealed class McpTests : IAsyncLifetime
{
    private McpBench _bench = null!;

    public async Task InitializeAsync() => _bench = await McpBench.StartAsync();

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    [Fact]
    public async Task The_tools_are_listed_with_schemas_that_name_their_arguments()
    {
        var tools = await _bench.Client.ListToolsAsync();
        Assert.Equal(["task", "review", "wait", "status", "result", "cancel"], tools.Select(tool => tool.Name));
        Assert.All(tools, tool => Assert.NotEmpty(tool.Description));
        var task = tools[0].ProtocolTool;
        Assert.Equal("prompt", Assert.Single(task.InputSchema.GetProperty("required").EnumerateArray()).GetString());
        Assert.Equal("boolean", task.InputSchema.GetProperty("properties").GetProperty("write").GetProperty("type").GetString());
        Assert.False(task.Annotations!.ReadOnlyHint);
        Assert.Equal("array", tools[1].ProtocolTool.InputSchema.GetProperty("properties").GetProperty("path").GetProperty("type").GetString());
        // What a model must not decide.
        Assert.All(ToolCatalog.All.SelectMany(tool => tool.Parameters), parameter => Assert.DoesNotContain(parameter.Name, (string[])["sandbox", "config", "prompt_file", "context_file"]));
        Assert.Equal("codex-companion", _bench.Client.ServerInfo!.Name);
    }

    [Fact]
    public async Task A_task_tells_its_progress_and_brings_its_answer()
    {
        var told = new ConcurrentQueue<ProgressNotificationValue>();
        // The turn goes on when its progress has been told.
        var call = _bench.CallAsync(
            "task", Prompt("sim: run for i in $(seq 600); do test -e go && exit; sleep 0.1; done\nsim: reply --write is text"), new Told(told));
        await JobProcessBench.UntilAsync(() => call.IsCompleted || told.Any(one => one.Message!.StartsWith("Running: ", StringComparison.Ordinal)));
        await File.WriteAllTextAsync(Path.Combine(_bench.Jobs.Tool.Work, "go"), "");
        var result = await call;

        Assert.False(result.IsError, McpBench.Text(result));
        Assert.Equal("--write is text", McpBench.Text(result));
        var value = result.StructuredContent!.Value;
        var job = _bench.Jobs.Job(value.GetProperty("jobId").GetString()!);
        Assert.Equal((JobStatus.Completed, "read-only"), (job.Status, job.Sandbox));
        Assert.NotNull(job.CollectedAt);
        Assert.Contains(job.ThreadId!, Assert.IsType<TextContentBlock>(result.Content[1]).Text, StringComparison.Ordinal);
        Assert.All(told, one => Assert.False(string.IsNullOrEmpty(one.Message)));
        Assert.Equal(told.Count, told.Select(one => one.Progress).Distinct().Count());
    }

    [Fact]
    public async Task A_task_whose_call_is_cancelled_is_stopped()
    {
        using var stop = new CancellationTokenSource();
        var call = _bench.CallAsync("task", Prompt("sim: think 600s"), stop: stop.Token);
        var id = await _bench.RunningJobAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(JobStatus.Cancelled, (await _bench.Jobs.EndedAsync(id)).Status);
    }

    [Fact]
    public async Task A_host_that_goes_away_ends_the_server_and_the_job_goes_on()
    {
        var call = _bench.CallAsync("task", Prompt("sim: think 600s"));
        var id = await _bench.RunningJobAsync();
        await _bench.LeaveAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => call);
        var job = _bench.Jobs.Job(id);
        Assert.Equal((JobStatus.Running, null), (job.Status, job.CancelRequestedAt));
        Assert.Equal(ProcessPresence.Same, new ProcessTable().Look(job.Process!));
    }

    [Fact]
    public async Task A_background_job_is_waited_for_shown_and_read()
    {
        var id = await _bench.LaunchAsync("sim: run while [ ! -e go ]; do sleep 0.02; done\nsim: reply from behind");
        Assert.Contains(id, McpBench.Text(await _bench.CallAsync("wait", Job(id, ("timeout", "1ms")))), StringComparison.Ordinal);
        var early = await _bench.CallAsync("result", "job", id);
        Assert.True(early.IsError);
        Assert.Equal("still-running", early.StructuredContent!.Value.GetProperty("error").GetProperty("code").GetString());

        await File.WriteAllTextAsync(Path.Combine(_bench.Jobs.Tool.Work, "go"), "");
        Assert.Equal("from behind", McpBench.Text(await _bench.CallAsync("wait", Job(id))));
        Assert.Equal("from behind", McpBench.Text(await _bench.CallAsync("result", Job(null))));
        var status = await _bench.CallAsync("status", "job", id);
        Assert.Equal("completed", status.StructuredContent!.Value.GetProperty("job").GetProperty("status").GetString());
        Assert.Equal(status.StructuredContent.Value.ToString(), JsonDocument.Parse(McpBench.Text(status)).RootElement.ToString());

        var resource = Assert.Single(await _bench.Client.ListResourcesAsync());
        Assert.Equal(($"codex-companion://jobs/{id}", id), (resource.Uri, resource.Name));
        var read = await _bench.Client.ReadResourceAsync(resource.Uri);
        Assert.Contains("from behind", Assert.IsType<TextResourceContents>(Assert.Single(read.Contents)).Text, StringComparison.Ordinal);
        var log = await _bench.Client.ReadResourceAsync(resource.Uri + "/log");
        Assert.Equal(_bench.Jobs.Log(id), Assert.IsType<TextResourceContents>(Assert.Single(log.Contents)).Text);
        Assert.Equal(2, (await _bench.Client.ListResourceTemplatesAsync()).Count);
    }

    [Fact]
    public async Task A_call_that_is_handed_over_leaves_the_job_running_and_cancel_stops_it()
    {
        var result = await _bench.CallAsync("task", new Dictionary<string, object?>(Prompt("sim: think 600s"), StringComparer.Ordinal) { ["hand_over"] = "200ms" });
        Assert.False(result.IsError);
        var id = result.StructuredContent!.Value.GetProperty("jobId").GetString()!;
        Assert.False(_bench.Jobs.Job(id).IsFinished);

        // Whoever stops waiting does not stop the job.
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _bench.CallAsync("wait", Job(id), stop: stop.Token));
        Assert.Null(_bench.Jobs.Job(id).CancelRequestedAt);

        var cancelled = await _bench.CallAsync("cancel", "job", id);
        Assert.False(cancelled.IsError, McpBench.Text(cancelled));
        Assert.Equal(JobStatus.Cancelled, (await _bench.Jobs.EndedAsync(id)).Status);
        var after = await _bench.CallAsync("wait", "job", id);
        Assert.True(after.IsError);
        Assert.DoesNotContain('\n', McpBench.Text(after));
    }

    [Fact]
    public async Task A_review_looks_where_it_is_told()
    {
        using var repository = new ReviewBench();
        repository.Write("a.txt", "one\n");
        repository.Commit();
        var nothing = await _bench.CallAsync("review", "cwd", repository.Work);
        Assert.False(nothing.IsError, McpBench.Text(nothing));
        Assert.StartsWith("Nothing to review: ", McpBench.Text(nothing), StringComparison.Ordinal);

        repository.Write("a.txt", "two\n");
        var launched = await _bench.CallAsync(
            "review", new Dictionary<string, object?>(StringComparer.Ordinal) { ["cwd"] = repository.Work, ["focus"] = "--json is what?", ["path"] = new[] { "a.txt" } });
        // The simulator's answer is no report, and that is an error; who was asked stands in it all the same.
        Assert.Contains("dversarial", launched.StructuredContent!.Value.GetProperty("review").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("task", """{"prompt":""}""", "The prompt is empty.")]
    [InlineData("task", """{}""", "The tool 'task' needs the argument 'prompt'.")]
    [InlineData("task", """{"prompt":"x","modle":"y"}""", "The tool 'task' has no argument 'modle'; did you mean 'model'?")]
    [InlineData("task", """{"prompt":"x","write":"yes"}""", "The argument 'write' needs true or false.")]
    [InlineData("task", """{"prompt":"x","hand_over":"soon"}""", "The argument 'hand_over' needs a time like 90s, 15m or 1h, and got 'soon'.")]
    [InlineData("task", """{"prompt":"x","resume":true,"thread":"t"}""", "--resume and --thread exclude each other.")]
    [InlineData("task", """{"prompt":"x","cwd":"nowhere"}""", "--cwd nowhere: there is no such directory.")]
    [InlineData("wait", """{"job":"--all"}""", "There is no job --all.")]
    [InlineData("result", """{"job":null}""", "No finished Codex jobs found for this session.")]
    [InlineData("status", """{"job":"task-0"}""", "There is no job task-0.")]
    [InlineData("cancel", """{"job":"../x"}""", "There is no job ../x.")]
    public async Task What_is_wrong_is_one_sentence_and_starts_nothing(string tool, string arguments, string sentence)
    {
        var given = JsonDocument.Parse(arguments).RootElement.EnumerateObject().ToDictionary(member => member.Name, member => (object?)member.Value, StringComparer.Ordinal);
        var result = await _bench.CallAsync(tool, given);
        Assert.True(result.IsError);
        Assert.Equal(sentence, McpBench.Text(result));
        Assert.NotNull(result.StructuredContent!.Value.GetProperty("error").GetProperty("code").GetString());
        Assert.Empty(Directory.Exists(_bench.Jobs.Tool.StateRootPath) ? _bench.Jobs.Store.ListJobs() : []);
    }

    [Theory]
    [InlineData("codex-companion://jobs/task-0")]
    [InlineData("codex-companion://jobs/../../x")]
    [InlineData("codex-companion://jobs/")]
    [InlineData("codex-companion://jobs/log")]
    [InlineData("file:///etc/passwd")]
    public async Task What_is_no_job_cannot_be_read(string uri)
    {
        var refused = await Assert.ThrowsAsync<McpProtocolException>(async () => await _bench.Client.ReadResourceAsync(uri));
        Assert.Contains("job", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_that_is_not_there_is_refused_by_the_protocol() =>
        await Assert.ThrowsAsync<McpProtocolException>(() => _bench.CallAsync("doctor", new Dictionary<string, object?>(StringComparer.Ordinal)));

    [Fact]
    public async Task A_task_without_codex_is_an_error_with_its_reason()
    {
        await using var bench = await McpBench.StartAsync(withoutCodex: true);
        var result = await bench.CallAsync("task", Prompt("x"));
        Assert.True(result.IsError);
        Assert.Contains("no-codex", McpBench.Text(result), StringComparison.Ordinal);
        Assert.Equal("codex-missing", result.StructuredContent!.Value.GetProperty("error").GetProperty("code").GetString());
    }

    private static Dictionary<string, object?> Prompt(string text) => new(StringComparer.Ordinal) { ["prompt"] = text };

    private static Dictionary<string, object?> Job(string? id, params (string Name, string Value)[] more)
    {
        var arguments = more.ToDictionary(pair => pair.Name, pair => (object?)pair.Value, StringComparer.Ordinal);
        if (id is not null)
            arguments["job"] = id;
        return arguments;
    }

    // Not Progress<T>: that one reports later, on another thread.
    private sealed class Told(ConcurrentQueue<ProgressNotificationValue> told) : IProgress<ProgressNotificationValue>
    {
        public void Report(ProgressNotificationValue value) => told.Enqueue(value);
    }
}
