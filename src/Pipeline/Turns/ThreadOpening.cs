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
/// <param name="Clamped">A sentence, when an administrator's requirements narrowed the sandbox; else null.</param>
internal sealed record OpenThread(
    string ThreadId, string? Model, string? Effort, string? Cwd, JsonElement SandboxPolicy, string? Clamped);

/// <summary>Starts or resumes the thread of a request.</summary>
internal sealed class ThreadOpening(IAppServerSession session, PatientCalls calls, TimeLimits limits)
{
    /// <summary>Does it.</summary>
    /// <returns>The thread, or why there is none; neither when it was told to stop before it asked.</returns>
    /// <exception cref="ConnectionLostException">The connection is gone; no turn was started.</exception>
    public async Task<(OpenThread? Thread, Outcome.Failed? Failure)> OpenAsync(TurnRequest request, CancellationToken stop)
    {
        // 2 to 5 ms on a warm server, for the user's own environment policy and sandbox settings.
        var resolved = await ReadConfigAsync(request.Cwd);
        if (stop.IsCancellationRequested)
            return (null, null);

        var config = ThreadConfig.For(request, resolved);
        var answer = request.ThreadId is { } known
            ? await calls.CallAsync(AppServerMethods.ThreadResume, AppServerCalls.ThreadResume(known, request, config), stop)
            : await calls.CallAsync(AppServerMethods.ThreadStart, AppServerCalls.ThreadStart(request, config), stop);
        if (answer.Error is { } error)
            return (null, FailureClassifier.OfCall(error));
        if ((answer.Result.Member("thread").Text("id") ?? request.ThreadId) is not { } threadId)
            return (null, new Outcome.Failed(FailureKind.TurnFailed, "The server started a thread and did not name it."));

        var policy = answer.Result.Member("sandbox");
        var asWanted = policy.Text("type") == SandboxPolicies.Type(request.Sandbox);
        string? clamped = null;
        if (request.ThreadId is null && policy.ValueKind != JsonValueKind.Undefined && !asWanted)
        {
            clamped = $"The server runs this turn in the sandbox '{policy.Text("type")}' instead of '{SandboxPolicies.Type(request.Sandbox)}': "
                + "an administrator's requirements allow no more.";
        }
        else
        {
            // A thread that was still loaded keeps its old sandbox until a turn brings another.
            policy = SandboxPolicies.ForTurn(request.Sandbox, policy, resolved);
        }

        return (new OpenThread(
            threadId,
            answer.Result.Text("model") ?? request.Model,
            request.Effort ?? answer.Result.Text("reasoningEffort"),
            answer.Result.Text("cwd"),
            policy,
            clamped), null);
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
