using System.Text.Json.Nodes;
using CodexCompanion.Tool.Selftest.Simulator.Script;
using CodexCompanion.Tool.Selftest.Simulator.Shapes;
using CodexCompanion.Tool.Selftest.Simulator.Threads;

namespace CodexCompanion.Tool.Selftest.Simulator.Turns;

/// <summary>Runs one turn from <c>turn/started</c> to <c>turn/completed</c>, as its plan and the script's faults have it.</summary>
internal sealed class TurnRun
{
    private readonly ServerContext _server;
    private readonly LoadedThread _thread;
    private readonly ActiveTurn _turn;
    private readonly TurnPlan _plan;
    private readonly TurnVoice _voice;
    private readonly TurnEnding _ending;
    private readonly CancellationToken _cut;
    private readonly List<Task> _subagents = [];

    public TurnRun(ServerContext server, LoadedThread thread, ActiveTurn turn, TurnPlan plan)
    {
        (_server, _thread, _turn, _plan) = (server, thread, turn, plan);
        _voice = new TurnVoice(server, thread, turn.Turn);
        _ending = new TurnEnding(server, thread, turn, _voice);
        _cut = CancellationTokenSource.CreateLinkedTokenSource(turn.Interruption, server.Lifetime.Stopping).Token;
    }

    /// <summary>Runs the turn to its end, whichever that is.</summary>
    public async Task RunAsync()
    {
        await _ending.StrikeAsync(FaultPoint.TurnAnswered);
        await _ending.EndAfterAsync(async () =>
        {
            _voice.Started();
            _voice.Item(ItemShapes.UserMessage(_server.NewId(), _turn.Message.Content, _turn.ClientUserMessageId));
            await _ending.StrikeAsync(FaultPoint.Thinking);
            await WorkAsync();
        });
        await Task.WhenAll(_subagents);
        await _ending.StrikeAsync(FaultPoint.TurnCompleted);
    }

    private async Task WorkAsync()
    {
        if (_server.Script.Account is SimulatedAccount.LoggedOut)
            throw TurnErrors.Failure("unauthorized");
        _turn.IgnoresInterrupt = _plan.Directives.Any(d => d is Directive.IgnoreInterrupt);
        await ThinkAsync(TimeSpan.FromMilliseconds(_server.Script.ThinkMilliseconds));
        var messages = new MessageSteps(_server, _voice, _plan.Directives.OfType<Directive.Deltas>().LastOrDefault()?.Count);
        foreach (var directive in _plan.Directives)
        {
            _cut.ThrowIfCancellationRequested();
            await DoAsync(directive, messages);
        }

        TakeSteering();
        await AnswerAsync(messages);
        _voice.TokenUsage(_thread.History.TotalTokens + TurnVoice.TokensPerTurn);
        if (_plan.Directives.Any(d => d is Directive.NoCompleted))
            await Task.Delay(Timeout.InfiniteTimeSpan, _cut);
        if (_server.Dialect.IsModern)
            SayUnread();
    }

    private async Task DoAsync(Directive directive, MessageSteps messages)
    {
        switch (directive)
        {
            case Directive.Think(var time):
                await ThinkAsync(time);
                break;
            case Directive.Reasoning(var text):
                messages.Reason(text);
                break;
            case Directive.Edit edit:
                await _ending.StrikeAsync(FaultPoint.BeforeEdit);
                new EditSteps(_server, _thread, _turn, _voice, _plan.OnlyMissingEdits).Make(edit);
                await _ending.StrikeAsync(FaultPoint.AfterEdit);
                break;
            case Directive.Run(var command):
                await Commands().RunAsync(command);
                break;
            case Directive.AskApproval(var command):
                await Commands().AskAndRunAsync(command);
                break;
            case Directive.Elicit:
                await new ClientQuestions(_server, _thread, _turn, _voice, _cut).ElicitAsync();
                break;
            case Directive.Subagent subagent:
                _subagents.Add(new SubagentRun(_server, _thread, _turn, _voice).Start(subagent));
                break;
            case Directive.RetryError:
                _voice.Error(TurnErrors.Retrying(_server.Dialect), willRetry: true);
                break;
            case Directive.Fail(var kind):
                throw TurnErrors.Failure(kind);
            case Directive.Unknown(var line):
                throw TurnErrors.Failure("bad-request", $"The simulation knows no directive \"{line}\".");
        }
    }

    private async Task AnswerAsync(MessageSteps messages)
    {
        // In a turn that changes no file, its answer takes the place of the edit as the thing a fault strikes before or in the middle of.
        var strikes = !_plan.Directives.Any(d => d is Directive.Edit);
        if (strikes)
            await _ending.StrikeAsync(FaultPoint.BeforeEdit);
        foreach (var reply in _plan.Directives.Select(MessageSteps.TextOf).OfType<string>().DefaultIfEmpty(_plan.DefaultReply))
        {
            _cut.ThrowIfCancellationRequested();
            await messages.SayAsync(reply, strikes ? () => _ending.StrikeAsync(FaultPoint.AfterEdit) : () => Task.CompletedTask);
        }
    }

    private void TakeSteering()
    {
        while (_turn.Steering.TryDequeue(out var message))
            _voice.Item(ItemShapes.UserMessage(_server.NewId(), message.Content, message.ClientId));
    }

    private void SayUnread() => _voice.Say("thread/readState/changed", new JsonObject
    {
        ["threadId"] = _thread.Id,
        ["readState"] = new JsonObject
        {
            ["firstUnread"] = new JsonObject { ["type"] = "turn", ["turnId"] = _turn.Turn.Id },
            ["revision"] = _server.NewId(),
        },
    });

    private CommandSteps Commands() => new(_server, _thread, _turn, _voice, _cut);

    private Task ThinkAsync(TimeSpan time) => time > TimeSpan.Zero ? Task.Delay(time, _server.Time, _cut) : Task.CompletedTask;
}
