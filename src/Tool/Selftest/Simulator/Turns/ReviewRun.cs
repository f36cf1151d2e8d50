using System.Text.Json.Nodes;
using CodexCompanion.Tool.Selftest.Simulator.Script;
using CodexCompanion.Tool.Selftest.Simulator.Shapes;
using CodexCompanion.Tool.Selftest.Simulator.Threads;

namespace CodexCompanion.Tool.Selftest.Simulator.Turns;

/// <summary>Runs a review: a turn between the items that say its thread entered and left review mode.</summary>
internal sealed class ReviewRun
{
    private readonly ServerContext _server;
    private readonly LoadedThread _thread;
    private readonly ActiveTurn _turn;
    private readonly TurnVoice _voice;
    private readonly string _subject;

    public ReviewRun(ServerContext server, LoadedThread thread, ActiveTurn turn, string subject)
    {
        (_server, _thread, _turn, _subject) = (server, thread, turn, subject);
        _voice = new TurnVoice(server, thread, turn.Turn);
    }

    /// <summary>Runs the review to its end.</summary>
    public async Task RunAsync()
    {
        var ending = new TurnEnding(_server, _thread, _turn, _voice);
        var plan = TurnPlan.From(_turn.Message.Text, _server.Script, []);
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(_turn.Interruption, _server.Lifetime.Stopping);
        await ending.StrikeAsync(FaultPoint.TurnAnswered);
        await ending.EndAfterAsync(async () =>
        {
            _voice.Item(ItemShapes.ReviewMode(_server.NewId(), "entered", _subject));
            Started();
            _voice.Item(ItemShapes.UserMessage(_server.NewId(), _turn.Message.Content, clientId: null));
            await ending.StrikeAsync(FaultPoint.Thinking);
            foreach (var directive in plan.Directives)
            {
                if (directive is Directive.Think(var time))
                    await Task.Delay(time, _server.Time, cut.Token);
                else if (directive is Directive.Fail(var kind))
                    throw TurnErrors.Failure(kind);
            }

            _voice.ItemStarted(ItemShapes.AgentMessage(_server.Dialect, "msg_" + _server.NewId(), ""));
            var text = plan.Directives.Select(MessageSteps.TextOf).OfType<string>().LastOrDefault() ?? $"Simulated review of {_subject}: no findings.";
            _voice.Item(ItemShapes.ReviewMode(_server.NewId(), "exited", text));
            _voice.Item(ItemShapes.AgentMessage(_server.Dialect, "msg_" + _server.NewId(), text));
        });
        await ending.StrikeAsync(FaultPoint.TurnCompleted);
    }

    // The reviewer has a turn of its own: turn/started names that one, all else the one the client was given.
    private void Started()
    {
        _voice.StatusChanged(ThreadShapes.LoadedStatus(active: true));
        var inner = new RecordedTurn { Id = _server.NewId(), StartedAtMs = _turn.Turn.StartedAtMs };
        var shape = TurnShapes.WithoutItems(_server.Dialect, inner);
        if (_server.Dialect.IsModern)
            shape["rootTurnId"] = _turn.Turn.Id;
        _voice.Say("turn/started", new JsonObject { ["threadId"] = _thread.Id, ["turn"] = shape });
    }
}
