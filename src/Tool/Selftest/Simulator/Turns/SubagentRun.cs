using System.Text.Json.Nodes;
using CodexCompanion.Tool.Selftest.Simulator.Shapes;
using CodexCompanion.Tool.Selftest.Simulator.Threads;

namespace CodexCompanion.Tool.Selftest.Simulator.Turns;

/// <summary>A subagent: a thread of its own whose turn, with messages of its own, runs in the shadow of another.</summary>
internal sealed class SubagentRun(ServerContext server, LoadedThread parent, ActiveTurn parentTurn, TurnVoice parentVoice)
{
    // Long enough for the main turn, whose remaining steps take microseconds, to end first.
    private static readonly TimeSpan AfterMain = TimeSpan.FromMilliseconds(50);

    /// <summary>Spawns the subagent.</summary>
    /// <returns>Done when its turn has ended: at once, or after the main turn.</returns>
    public Task Start(Directive.Subagent directive)
    {
        var callId = "call_" + server.NewId();
        var startedAt = parentVoice.ItemStarted(ItemShapes.SpawnAgent(callId, parent.Id, receiver: null, directive.Text, "inProgress"));
        var info = parent.History.Info with
        {
            Id = server.NewId(),
            CreatedAt = server.NowMs / 1000,
            ParentThreadId = parent.Id,
            ForkedFromId = null,
        };
        var thread = server.Threads.Add(new ThreadHistory(info), parent.Settings);
        server.Channel.Notify("thread/started", new JsonObject
        {
            ["thread"] = new ThreadShapes(server.Dialect, server.Home).Of(thread, withTurns: false),
        });
        parentVoice.ItemCompleted(ItemShapes.SpawnAgent(callId, parent.Id, thread.Id, directive.Text, "completed"), startedAt);
        return RunAsync(thread, directive);
    }

    private async Task RunAsync(LoadedThread thread, Directive.Subagent directive)
    {
        var content = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = directive.Text, ["text_elements"] = new JsonArray() });
        var recorded = new RecordedTurn { Id = server.NewId(), StartedAtMs = server.NowMs };
        var turn = new ActiveTurn(recorded, new UserMessage(content, ClientId: null), number: 0);
        thread.TryBegin(turn);
        var voice = new TurnVoice(server, thread, recorded);
        voice.Started();
        voice.Item(ItemShapes.UserMessage(server.NewId(), content, clientId: null));
        if (directive.EndsAfter)
        {
            while (parent.Active == parentTurn)
                await Task.Delay(AfterMain, server.Time, server.Lifetime.Stopping);
            await Task.Delay(AfterMain, server.Time, server.Lifetime.Stopping);
        }

        await new MessageSteps(server, voice, deltas: null).SayAsync(directive.Text, () => Task.CompletedTask);
        thread.TryEnd(turn, TurnStatus.Completed, error: null, TurnVoice.TokensPerTurn, server.Time);
        voice.StatusChanged(ThreadShapes.LoadedStatus(active: false));
        voice.Completed();
        turn.SetEnded();
    }
}
