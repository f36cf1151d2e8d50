using System.Text.Json;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.Turns;

/// <summary>One run of <see cref="TurnRunner"/>.</summary>
internal sealed class TurnRun(
    IAppServerSession session, TurnRequest request, TurnProgress progress, RunEvents events, TurnObserver turn, TimeLimits limits, TimeProvider time)
{
    // 8 ms (measured); a name is not worth more waiting than this.
    private static readonly TimeSpan NameLimit = TimeSpan.FromSeconds(2);

    private readonly PatientCalls _calls = new(session, limits, time);
    private OpenThread? _thread;
    private readonly TaskCompletionSource _leaving = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _naming = Task.CompletedTask;
    private bool _inferred;
    private bool _mayStillRun;

    /// <summary>What it brought so far.</summary>
    public TurnResult Result()
    {
        var result = turn.Result();
        return result with { SandboxFailure = turn.SandboxFailure, Model = result.Model ?? _thread?.Model, Effort = _thread?.Effort ?? request.Effort, Sandbox = _thread?.Sandbox, EndInferred = _inferred };
    }

    public async Task<Outcome> RunAsync(Task recorded, CancellationToken stop)
    {
        if (stop.IsCancellationRequested)
            return new Outcome.Cancelled(StopProof.NothingRan);
        var opening = OpenAsync(stop);
        opening.Forget(); // Where the request cannot be recorded, nobody asks what became of it; the server lets a thread go whose client has gone.
        await recorded;
        events.Progress("starting", request.ThreadId is null ? "Starting a thread." : $"Resuming the thread {request.ThreadId}.");
        var (thread, failure) = await opening;
        if (thread is not null)
            Opened(thread);
        if (failure is not null)
            return failure;
        if (thread is null)
            return new Outcome.Cancelled(StopProof.NothingRan);

        if (stop.IsCancellationRequested)
        {
            await session.ReleaseThreadAsync(thread.ThreadId);
            return new Outcome.Cancelled(StopProof.NothingRan) { Result = Result() };
        }

        var outcome = await StartAsync(thread, thread.SandboxPolicy, stop) ?? await WatchAsync(thread, stop);
        await LeaveAsync(thread);
        return outcome;
    }

    // A stop wish does not leave a thread behind that nobody releases: the answer is waited for, for a moment.
    private async Task<(OpenThread? Thread, Outcome.Failed? Failure)> OpenAsync(CancellationToken stop)
    {
        var opening = new ThreadOpening(session, _calls, limits).OpenAsync(request, stop);
        await Task.WhenAny(opening, WhenAsync(stop));
        if (stop.IsCancellationRequested && !await CompletesAsync(opening, limits.InterruptConfirmed))
            return (null, null);
        try
        {
            var (thread, failure) = await opening;
            return (thread, stop.IsCancellationRequested ? null : failure);
        }
        catch (ConnectionLostException) when (stop.IsCancellationRequested)
        {
            return (null, null); // Nothing ran, and nobody wants it any more.
        }
    }

    private void Opened(OpenThread thread)
    {
        _thread = thread;
        progress.ThreadId = thread.ThreadId;
        events.Tell(new RunEvent.ThreadKnown(thread.ThreadId, thread.Model, thread.Effort)
        {
            Sandbox = thread.Sandbox,
            Place = session.PlaceOf(thread.ThreadId),
        });
        foreach (var remark in thread.Remarks)
            events.Note(remark);
        turn.ThreadIs(thread.ThreadId, thread.Cwd);
    }

    // Null: the turn runs.
    private async Task<Outcome?> StartAsync(OpenThread thread, JsonElement policy, CancellationToken stop)
    {
        progress.TurnSent = true;
        var starting = request.Review is { } review
            ? _calls.CallAsync(AppServerMethods.ReviewStart, AppServerCalls.ReviewStart(thread.ThreadId, review), stop)
            : _calls.CallAsync(AppServerMethods.TurnStart, AppServerCalls.TurnStart(thread.ThreadId, request, policy), stop);
        await Task.WhenAny(starting, WhenAsync(stop));

        // Only a turn with an id can be interrupted for certain; the announcement names it as well as the answer does.
        if (stop.IsCancellationRequested)
            await CompletesAsync(Task.WhenAny(starting, turn.Started), limits.InterruptConfirmed);
        if (stop.IsCancellationRequested && !starting.IsCompleted)
        {
            starting.Forget();
            turn.TurnIs(null);
            return await StopAsync(thread);
        }

        CallAnswer answer;
        try
        {
            answer = await starting;
        }
        catch (ConnectionLostException e) when (e.Loss.Kind == LossKind.Silent && turn.Started.IsCompleted && !session.Ended.IsCompleted)
        {
            answer = default; // The answer got lost, the turn did not: it was announced.
        }

        if (answer.Error is { } error)
        {
            progress.TurnSent = false;
            if (stop.IsCancellationRequested)
                return new Outcome.Cancelled(StopProof.NothingRan) { Result = Result() };
            if (request.Review is null && policy.ValueKind != JsonValueKind.Undefined && error.Message.Contains("not in the allowed set", StringComparison.Ordinal))
            {
                events.Note($"The thread keeps the sandbox it has: {error.Message}");
                return await StartAsync(thread, default, stop);
            }

            return FailureClassifier.OfCall(error) with { Result = Result() };
        }

        turn.TurnIs(answer.Result.Member("turn").Text("id"));
        progress.TurnId = turn.TurnId;
        if (request is { ThreadId: null, ThreadName: { } name, Ephemeral: false })
            _naming = NameAsync(thread, name);
        return null;
    }

    private async Task<Outcome> WatchAsync(OpenThread thread, CancellationToken stop)
    {
        switch (await new TurnWatch(session, turn, thread.ThreadId, request.Cwd, limits, time).WaitAsync(stop))
        {
            case WatchEnd.Ended ended:
                _inferred = ended.Inferred;
                return Finish(ended.End);
            case WatchEnd.Limit limit:
                var proof = await ProveAsync(thread);
                var sentence = limit.Kind == FailureKind.TimeLimit
                    ? $"The turn ran into its time limit of {Text(limit.After)}."
                    : $"The turn gave no sign of life for {Text(limit.After)}.";
                return new Outcome.Failed(limit.Kind, $"{sentence} {proof.Detail}", "The thread can be resumed; its files are as the turn left them.") { Result = Result() };
            case WatchEnd.DirectoryGone:
                var stopped = await ProveAsync(thread);
                return new Outcome.Failed(FailureKind.TurnFailed, $"The directory the turn worked in is gone: {request.Cwd}. {stopped.Detail}") { Result = Result() };
            default:
                return await StopAsync(thread);
        }
    }

    private Outcome Finish(TurnEnd end)
    {
        switch (end)
        {
            case TurnEnd.Failed failed:
                return failed.Failure with { Result = Result() };
            case TurnEnd.Interrupted:
                return new Outcome.Failed(FailureKind.TurnFailed, "The turn was interrupted, and not by this run.") { Result = Result() };
        }

        if (_inferred)
            events.Note("The server never said that the turn ended; its final message had come and nothing was open.");
        if (turn.SandboxFailure is { } sandbox)
            events.Note(sandbox);
        var result = Result();
        if (result.FinalText.Length > 0)
            events.Block("Final output", result.FinalText);
        return new Outcome.Completed(result);
    }

    private async Task<Outcome> StopAsync(OpenThread thread)
    {
        events.Progress("cancelling", "Stopping the turn.");
        var proof = await ProveAsync(thread);
        return new Outcome.Cancelled(proof) { Result = Result() };
    }

    private async Task<StopProof> ProveAsync(OpenThread thread)
    {
        var proof = await session.StopTurnAsync(new TurnToStop(request.JobId, thread.ThreadId, turn.TurnId));
        _mayStillRun = !proof.TurnEnded && !turn.Ended.IsCompleted;
        return proof;
    }

    private async Task LeaveAsync(OpenThread thread)
    {
        // A turn that would not stop still holds its thread.
        if (request.Ephemeral || _mayStillRun || session.Ended.IsCompleted)
            return;
        _leaving.TrySetResult();
        await _naming;
        _ = session.ReleaseThreadAsync(thread.ThreadId); // 15 ms in which the outcome can be recorded; the session waits for it.
    }

    // While the turn goes on, so that nobody waits for it; a server that has not got the thread on its disk yet refuses, and is asked again.
    private async Task NameAsync(OpenThread thread, string name)
    {
        await Task.WhenAny(turn.Underway, _leaving.Task);
        if (await TryNameAsync(thread, name) is null)
            return;
        await _leaving.Task;
        if (await TryNameAsync(thread, name) is { } refusal)
            events.Progress(null, $"The thread has no name: {refusal}");
    }

    private async Task<string?> TryNameAsync(OpenThread thread, string name)
    {
        try
        {
            await session.CallAsync(AppServerMethods.ThreadNameSet, AppServerCalls.ThreadNameSet(thread.ThreadId, name), NameLimit);
            return null;
        }
        catch (Exception e) when (e is RpcErrorException or RpcTimeoutException or ConnectionLostException)
        {
            return e.Message;
        }
    }

    private async Task<bool> CompletesAsync(Task task, TimeSpan limit)
    {
        using var round = new CancellationTokenSource();
        await Task.WhenAny(task, Task.Delay(limit, time, round.Token));
        await round.CancelAsync();
        if (!task.IsCompleted)
            task.Forget();
        return task.IsCompleted;
    }

    private static async Task WhenAsync(CancellationToken stop) =>
        await Task.Delay(Timeout.InfiniteTimeSpan, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static string Text(TimeSpan limit) =>
        limit.TotalMinutes >= 2 ? $"{limit.TotalMinutes:0.#} min" : $"{limit.TotalSeconds:0.#} s";
}
