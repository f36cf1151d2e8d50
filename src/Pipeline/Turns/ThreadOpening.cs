using System.Text.Json;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.Turns;

/// <summary>A thread that is ready for a turn.</summary>
/// <param name="ThreadId">The thread.</param>
/// <param name="Model">The model the server resolved; null when it does not say.</param>
/// <param name="Effort">The effort it resolved; null when it does not say.</param>
/// <param name="Cwd">The working directory as the server resolved it; null when it does not say.</param>
/// <param name="SandboxPolicy">What to send with the turn; undefined to send none.</param>
/// <param name="Sandbox">The mode it will really have; null when it is none of ours.</param>
/// <param name="Remarks">What the user should be told before the turn: another sandbox than asked for, an unknown model.</param>
internal sealed record OpenThread(
    string ThreadId, string? Model, string? Effort, string? Cwd, JsonElement SandboxPolicy, SandboxMode? Sandbox, IReadOnlyList<string> Remarks);

/// <summary>Starts or resumes the thread of a request.</summary>
internal sealed class ThreadOpening(IAppServerSession session, PatientCalls calls, TimeLimits limits)
{
    /// <summary>Does it.</summary>
    /// <returns>The thread, or why there is none; neither when it was told to stop before it asked.</returns>
    /// <exception cref="ConnectionLostException">The connection is gone; no turn was started.</exception>
    public async Task<(OpenThread? Thread, Outcome.Failed? Failure)> OpenAsync(TurnRequest request, CancellationToken stop)
    {
        var speculative = SpeculativeStart.Begin(session, calls, request, stop);
        try
        {
            return await OpenAsync(request, speculative, stop);
        }
        finally
        {
            await (speculative?.LetGoAsync() ?? Task.CompletedTask);
        }
    }

    private async Task<(OpenThread? Thread, Outcome.Failed? Failure)> OpenAsync(
        TurnRequest request, SpeculativeStart? speculative, CancellationToken stop)
    {
        // 2 to 5 ms on a warm server, for the user's own environment policy and sandbox settings.
        var resolved = await ReadConfigAsync(request.Cwd);
        if (stop.IsCancellationRequested)
            return (null, null);

        var model = await new ModelCheck(session, limits).CheckAsync(request, resolved.Text("model"));
        if (model.Refusal is { } unfit)
            return (null, unfit);
        var answer = await CallAsync(request, ThreadConfig.For(request, resolved), speculative, stop);
        if (answer.Error is { } error)
            return (null, FailureClassifier.OfCall(error));
        if ((answer.Result.Member("thread").Text("id") ?? request.ThreadId) is not { } threadId)
            return (null, new Outcome.Failed(FailureKind.TurnFailed, "The server started a thread and did not name it."));

        var sandbox = ThreadSandbox.Of(request, answer.Result.Member("sandbox"), resolved);
        if (sandbox.Refusal is { } refusal)
            return (null, new Outcome.Failed(FailureKind.Refused, refusal) { Result = new TurnResult { ThreadId = threadId } });

        return (new OpenThread(
            threadId,
            answer.Result.Text("model") ?? request.Model,
            request.Effort ?? answer.Result.Text("reasoningEffort"),
            answer.Result.Text("cwd"),
            sandbox.Policy,
            sandbox.Mode,
            [.. model.Remarks, .. sandbox.Remarks]), null);
    }

    private async Task<CallAnswer> CallAsync(TurnRequest request, ThreadConfig config, SpeculativeStart? speculative, CancellationToken stop)
    {
        if (request.ThreadId is { } known)
            return await calls.CallAsync(AppServerMethods.ThreadResume, AppServerCalls.ThreadResume(known, request, config), stop);
        var parameters = AppServerCalls.ThreadStart(request, config);
        if (speculative is not null && speculative.TryTake(parameters, out var starting))
            return await starting;
        return await calls.CallAsync(AppServerMethods.ThreadStart, parameters, stop);
    }

    private async Task<JsonElement> ReadConfigAsync(string cwd)
    {
        try
        {
            var answer = await session.CallAsync(AppServerMethods.ConfigRead, AppServerCalls.ConfigRead(cwd), limits.Call);
            return answer.Member("config");
        }
        catch (RpcErrorException)
        {
            return default; // An old server, or a broken configuration: then the thread call says what is wrong with it.
        }
        catch (RpcTimeoutException e)
        {
            throw new ConnectionLostException(new ConnectionLoss(LossKind.Silent, e.Message));
        }
    }
}
