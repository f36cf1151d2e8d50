using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Jobs;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace CodexCompanion.Tool.Mcp;

/// <summary>Answers the calls of tools.</summary>
/// <param name="host">What comes from outside.</param>
/// <param name="messages">What the host says besides.</param>
internal sealed class ToolCalls(ToolHost host, HostMessages messages)
{
    private readonly OwnCommandLine _commands = new(host);

    /// <summary>Answers one call.</summary>
    /// <exception cref="McpProtocolException">There is no such tool.</exception>
    /// <exception cref="OperationCanceledException">The host does not want the answer any more, or has left.</exception>
    public async ValueTask<CallToolResult> CallAsync(RequestContext<CallToolRequestParams> request, CancellationToken cancelled)
    {
        // The library ends calls that were cancelled, and waits for the others when the host has left.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancelled, messages.Left);
        var stop = ended.Token;
        var tool = ToolCatalog.All.FirstOrDefault(known => known.Name == request.Params.Name)
            ?? throw new McpProtocolException($"There is no tool '{request.Params.Name}'.", McpErrorCode.InvalidParams);
        var read = ToolArguments.Read(tool, request.Params.Arguments);
        if (read.Value is not { } arguments)
            return ToolAnswers.Error(read.Error!);
        try
        {
            return tool.Name switch
            {
                "task" => await RunAsync(request, arguments, ["task", .. Launch(arguments), "--prompt-file=-"], arguments.Text(ToolCatalog.Prompt)!, stop),
                "review" => await RunAsync(request, arguments, Review(arguments), "", stop),
                "wait" => await WaitAsync(request, arguments, stop),
                "result" => await ResultAsync(arguments),
                _ => await ShowAsync([tool.Name, "--json", .. arguments.Options(), .. All(arguments), .. Job(arguments)]),
            };
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // A fault of ours, said as every other error is.
            return ToolAnswers.Error(new CommandError("internal", $"{fault.GetType().Name}: {fault.Message}", Hint: null, Retryable: false, ExitCodes.Failed));
        }
    }

    private static IEnumerable<string> Launch(ToolArguments arguments) => ["--json", "--background", .. arguments.Options()];

    private static List<string> Review(ToolArguments arguments)
    {
        var focus = arguments.Text(ToolCatalog.Focus);
        var scope = arguments.Options().Any(option => option is "--scope=staged" or "--scope=unstaged");
        if (!scope && string.IsNullOrWhiteSpace(focus) && !new[] { ToolCatalog.Adversarial, ToolCatalog.Path, ToolCatalog.Range }.Any(arguments.Has))
            return ["review", .. Launch(arguments)];
        // The blank keeps a focus that begins with a dash from being read as an option; the command takes it off again.
        return ["adversarial-review", .. Launch(arguments), .. string.IsNullOrWhiteSpace(focus) ? Array.Empty<string>() : [" " + focus]];
    }

    private static string[] All(ToolArguments arguments) => arguments.Has(ToolCatalog.AllSessions) ? ["--all"] : [];

    // Behind the dashes nothing is an option.
    private static string[] Job(ToolArguments arguments) => arguments.Text(ToolCatalog.Job) is { } id ? ["--", id] : [];

    // A job always runs in a worker, so that it does not depend on this process or its host.
    private async Task<CallToolResult> RunAsync(
        RequestContext<CallToolRequestParams> request, ToolArguments arguments, IReadOnlyList<string> command, string input, CancellationToken stop)
    {
        var handOver = arguments.Time(ToolCatalog.HandOver);
        if (handOver.Value is not { } limit)
            return ToolAnswers.Error(handOver.Error!);
        var end = await _commands.RunAsync(command, input);
        if (end.Error is not null)
            return ToolAnswers.Error(end);
        if (end.Output.GetProperty("jobId").GetString() is not { } id)
            return ToolAnswers.Of(end.Output.GetProperty("reason").GetString()!, end.Output); // Nothing to review.

        var opened = Open(arguments);
        var found = opened.Value is { } scope ? await scope.FindAsync(id, _ => false, "") : opened.Error!;
        if (found.Value is not { } job)
            return ToolAnswers.Error(found.Error!);
        try
        {
            if (!arguments.Has(ToolCatalog.Background))
                return Answer(opened.Value!, await new FollowedJob(opened.Value!, request).FollowAsync(job, fromBegin: true, limit.Value, stop));
            stop.ThrowIfCancellationRequested();
            return ToolAnswers.GoesOn(job);
        }
        catch (OperationCanceledException) when (messages.IsCancelled(request.JsonRpcRequest.Id))
        {
            // Nobody wants the answer: what works on it is stopped, as Ctrl-C stops a command.
            await opened.Value!.Canceller.CancelAsync(job.Store, job.Job);
            throw;
        }
    }

    private async Task<CallToolResult> WaitAsync(RequestContext<CallToolRequestParams> request, ToolArguments arguments, CancellationToken stop)
    {
        var time = arguments.Time(ToolCatalog.WaitTime);
        if (time.Value is not { } limit)
            return ToolAnswers.Error(time.Error!);
        var opened = Open(arguments);
        if (opened.Value is not { } scope)
            return ToolAnswers.Error(opened.Error!);
        var found = await scope.FindAsync(arguments.Text(ToolCatalog.Job), job => !job.IsFinished, "No active Codex jobs to wait for in this session.");
        return found.Value is { } job
            ? Answer(scope, await new FollowedJob(scope, request).FollowAsync(job, fromBegin: false, limit.Value, stop))
            : ToolAnswers.Error(found.Error!);
    }

    private async Task<CallToolResult> ResultAsync(ToolArguments arguments)
    {
        var end = await _commands.RunAsync(["result", "--json", .. arguments.Options(), .. Job(arguments)]);
        if (end.Error is not null)
            return ToolAnswers.Error(end);
        var opened = Open(arguments);
        if (opened.Value is not { } scope)
            return ToolAnswers.Error(opened.Error!);
        var found = await scope.FindAsync(end.Output.GetProperty("job").GetProperty("id").GetString(), _ => false, "");
        return found.Value is { } job ? ToolAnswers.Ended(job, scope.Names) : ToolAnswers.Error(found.Error!);
    }

    private async Task<CallToolResult> ShowAsync(IReadOnlyList<string> command)
    {
        var end = await _commands.RunAsync(command);
        return end.Error is null ? ToolAnswers.Object(end.Output) : ToolAnswers.Error(end);
    }

    private static CallToolResult Answer(JobScope scope, FoundJob found)
    {
        if (!found.Job.IsFinished)
            return ToolAnswers.GoesOn(found);
        JobRecording.RecordCollected(found.Store, found.Job.Id, scope.Host.Time.GetUtcNow());
        return ToolAnswers.Ended(found, scope.Names);
    }

    // What the commands about jobs work on, for the directory of this call.
    private Attempt<JobScope> Open(ToolArguments arguments)
    {
        var call = OwnCommandLine.Call(["result", .. arguments.Options().Where(option => option.StartsWith(GlobalOptions.Cwd.Display + "=", StringComparison.Ordinal))]);
        return call.Value is { } known ? JobScope.Open(known, host) : call.Error!;
    }
}
