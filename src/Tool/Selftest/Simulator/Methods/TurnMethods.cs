using System.Text.Json.Nodes;
using CodexCompanion.Tool.Selftest.Simulator.Journal;
using CodexCompanion.Tool.Selftest.Simulator.Script;
using CodexCompanion.Tool.Selftest.Simulator.Shapes;
using CodexCompanion.Tool.Selftest.Simulator.Threads;
using CodexCompanion.Tool.Selftest.Simulator.Turns;
using CodexCompanion.Tool.Selftest.Simulator.Wire;

namespace CodexCompanion.Tool.Selftest.Simulator.Methods;

/// <summary>Starting, steering and interrupting turns, and reviews.</summary>
internal sealed class TurnMethods(ServerContext server)
{
    // Codex's own limit.
    private const int LongestPrompt = 1_048_576;

    private static readonly string[] InputTypes = ["text", "image", "localImage", "audio", "localAudio", "skill", "mention"];

    public async Task<Answer> StartAsync(JsonObject message)
    {
        var parameters = Parameters.Of(message);
        var said = Said(parameters);
        var thread = server.Threads.Get(parameters.ThreadId());
        var number = server.Faults.NextTurnNumber();
        if (!thread.IsRecorded && server.Dialect.IsModern)
            thread.TouchRollout();
        var faults = await server.Faults.StrikeAsync(FaultPoint.TurnRequested, number, said.Text);
        if (faults.Any(f => f.Action is FaultAction.Overloaded))
            throw new RpcRefusalException(RpcRefusalException.Overloaded, "Server overloaded; retry later.");
        thread.Subscribed = true;
        var turn = new ActiveTurn(new RecordedTurn { Id = server.NewId(), StartedAtMs = server.NowMs }, said, number)
        {
            Sandbox = parameters.Object("sandboxPolicy"),
        };
        var plan = TurnPlan.From(said.Text, server.Script, thread.Look((history, _) => history.Turns.ToArray()));
        if (!thread.TryBegin(turn))
            return Steered(thread, said);
        WriteStarted(thread, turn);
        if (server.Dialect.IsModern)
            Warn(thread);
        return new Answer(Fresh(turn.Turn.Id, turn.Turn.Id), () =>
        {
            if (!server.Dialect.IsModern)
                Warn(thread);
            server.RunAside(new TurnRun(server, thread, turn, plan).RunAsync);
        });
    }

    public Answer Steer(JsonObject message)
    {
        var parameters = Parameters.Of(message);
        var said = Said(parameters);
        var expected = parameters.Text("expectedTurnId");
        var thread = server.Threads.Get(parameters.ThreadId());
        var turn = thread.Active ?? throw new RpcRefusalException("no active turn to steer");
        if (!string.Equals(turn.Turn.Id, expected, StringComparison.Ordinal))
            throw new RpcRefusalException($"expected active turn id `{expected}` but found `{turn.Turn.Id}`");
        Take(thread, turn, said);
        return new Answer(new JsonObject { ["turnId"] = expected });
    }

    public Answer Interrupt(JsonObject message)
    {
        var parameters = Parameters.Of(message);
        var expected = parameters.Text("turnId");
        var thread = server.Threads.Get(parameters.ThreadId());
        var turn = thread.Active ?? throw new RpcRefusalException("no active turn to interrupt");
        if (!string.Equals(turn.Turn.Id, expected, StringComparison.Ordinal))
            throw new RpcRefusalException($"expected active turn id {expected} but found {turn.Turn.Id}");
        server.Journal.Write(JournalEvents.Interrupted, e => e with
        {
            ThreadId = thread.Id,
            TurnId = expected,
            ClientUserMessageId = turn.ClientUserMessageId,
        });
        return Answer.Empty(turn.Interrupt);
    }

    public Answer Review(JsonObject message)
    {
        var parameters = Parameters.Of(message);
        var target = parameters.Object("target") ?? throw new RpcRefusalException("Invalid request: missing field `target`");
        parameters.Choice("delivery", server.Dialect.IsModern ? ["inline"] : ["inline", "detached"]);
        var thread = server.Threads.Get(parameters.ThreadId());
        var (subject, prompt) = ReviewSubject(target);
        var turn = new ActiveTurn(
            new RecordedTurn { Id = server.NewId(), StartedAtMs = server.NowMs },
            new UserMessage(TextContent(prompt), ClientId: null),
            server.Faults.NextTurnNumber());
        if (!thread.TryBegin(turn))
            throw new RpcRefusalException("a turn is running on this thread");
        WriteStarted(thread, turn);
        var answer = Fresh(turn.Turn.Id, rootTurnId: null);
        ((JsonArray)answer["turn"]!["items"]!).Add((JsonNode)ItemShapes.UserMessage(turn.Turn.Id, TextContent(subject), clientId: null));
        answer["reviewThreadId"] = thread.Id;
        return new Answer(answer, () => server.RunAside(new ReviewRun(server, thread, turn, subject).RunAsync));
    }

    private static UserMessage Said(Parameters parameters)
    {
        var input = parameters.List("input");
        foreach (var part in input)
        {
            var type = part?["type"]?.GetValue<string>() ?? "";
            if (Array.IndexOf(InputTypes, type) < 0)
                throw Parameters.UnknownVariant(type, InputTypes);
        }

        var said = new UserMessage((JsonArray)input.DeepClone(), parameters.OptionalText("clientUserMessageId"));
        if (said.Text.Length <= LongestPrompt)
            return said;
        throw new RpcRefusalException(
            RpcRefusalException.InvalidParameters,
            $"Input exceeds the maximum length of {LongestPrompt} characters.",
            new JsonObject { ["input_error_code"] = "input_too_large", ["max_chars"] = LongestPrompt, ["actual_chars"] = said.Text.Length });
    }

    private static (string Subject, string Prompt) ReviewSubject(JsonObject target) => target["type"]?.GetValue<string>() switch
    {
        "uncommittedChanges" => ("current changes", "Review the current changes."),
        "baseBranch" => ($"changes against '{target["branch"]}'", $"Review the changes against {target["branch"]}."),
        "commit" => ($"commit {target["sha"]}", $"Review commit {target["sha"]}."),
        "custom" => (target["instructions"]!.GetValue<string>(), target["instructions"]!.GetValue<string>()),
        var other => throw Parameters.UnknownVariant(other ?? "", "uncommittedChanges", "baseBranch", "commit", "custom"),
    };

    private static JsonArray TextContent(string text) =>
        new(new JsonObject { ["type"] = "text", ["text"] = text, ["text_elements"] = new JsonArray() });

    // The older server answers with the id of a turn that never runs.
    private Answer Steered(LoadedThread thread, UserMessage said)
    {
        if (thread.Active is not { } running)
            throw new RpcRefusalException(RpcRefusalException.InternalError, "the turn ended while this one was being started");
        Take(thread, running, said);
        var id = server.Dialect.IsModern ? running.Turn.Id : server.NewId();
        return new Answer(Fresh(id, id));
    }

    private void Take(LoadedThread thread, ActiveTurn turn, UserMessage said)
    {
        turn.Steering.Enqueue(said);
        server.Journal.Write(JournalEvents.TurnSteered, e => e with
        {
            ThreadId = thread.Id,
            TurnId = turn.Turn.Id,
            ClientUserMessageId = said.ClientId,
            Prompt = JournalWriter.Shorten(said.Text),
        });
    }

    private void WriteStarted(LoadedThread thread, ActiveTurn turn) => server.Journal.Write(JournalEvents.TurnStarted, e => e with
    {
        ThreadId = thread.Id,
        TurnId = turn.Turn.Id,
        ClientUserMessageId = turn.ClientUserMessageId,
        Prompt = JournalWriter.Shorten(turn.Message.Text),
    });

    private JsonObject Fresh(string turnId, string? rootTurnId) =>
        new() { ["turn"] = TurnShapes.Fresh(server.Dialect, turnId, rootTurnId) };

    // Real servers warn like this about every model they have no data of.
    private void Warn(LoadedThread thread) => server.Channel.Notify("warning", new JsonObject
    {
        ["threadId"] = thread.Id,
        ["message"] = $"The model `{thread.History.Info.Model}` is a simulated one.",
    });
}
