using System.Text.Json.Nodes;
using CodexCompanion.Tool.Selftest.Simulator.Journal;
using CodexCompanion.Tool.Selftest.Simulator.Script;
using CodexCompanion.Tool.Selftest.Simulator.Shapes;
using CodexCompanion.Tool.Selftest.Simulator.Threads;

namespace CodexCompanion.Tool.Selftest.Simulator.Turns;

/// <summary>How a turn's work is brought to its end: first recorded, then said.</summary>
internal sealed class TurnEnding(ServerContext server, LoadedThread thread, ActiveTurn turn, TurnVoice voice)
{
    /// <summary>Does the work and ends the turn as completed, failed or interrupted, whichever the work comes to.</summary>
    public async Task EndAfterAsync(Func<Task> work)
    {
        try
        {
            await work();
            await EndAsync(TurnStatus.Completed, error: null);
        }
        catch (TurnFailedException failure)
        {
            var error = TurnErrors.Shape(server.Dialect, failure.Message, failure.Info);
            voice.StatusChanged(new JsonObject { ["type"] = "systemError" });
            voice.Error(error, willRetry: false);
            await EndAsync(TurnStatus.Failed, error);
        }
        catch (OperationCanceledException) when (!server.Lifetime.Stopping.IsCancellationRequested)
        {
            await EndAsync(TurnStatus.Interrupted, error: null);
        }
    }

    /// <summary>Strikes with the turn's faults of a moment.</summary>
    public Task StrikeAsync(FaultPoint point) => server.Faults.StrikeAsync(point, turn.Number, turn.Message.Text);

    private async Task EndAsync(string status, JsonObject? error)
    {
        var tokens = status is TurnStatus.Completed ? TurnVoice.TokensPerTurn : 0;
        if (!thread.TryEnd(turn, status, error, tokens, server.Time))
            return;
        server.Journal.Write(JournalEvents.TurnEnded, e => e with
        {
            ThreadId = thread.Id,
            TurnId = turn.Turn.Id,
            ClientUserMessageId = turn.ClientUserMessageId,
            Status = status,
        });
        await StrikeAsync(FaultPoint.TurnRecorded);
        if (status is not TurnStatus.Failed)
            voice.StatusChanged(ThreadShapes.LoadedStatus(active: false));
        voice.Completed();
        turn.SetEnded();
    }
}
