using System.Collections.Concurrent;
using System.Text.Json;
using CodexCompanion.Pipeline.Turns;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Turns;

/// <summary>A run with a scripted server and a manual clock: thread "t1", turn "u1", unless a test says otherwise.</summary>
internal sealed class TurnBench : IRunObserver, IDisposable
{
    private readonly ConcurrentQueue<RunEvent> _events = new();
    private readonly CancellationTokenSource _stop = new();

    public TurnBench()
    {
        Session = new ScriptedSession(Time)
            .Answer("config/read", """{"config":{}}""")
            .Answer("thread/start", """{"thread":{"id":"t1"},"model":"m-1","reasoningEffort":"high","cwd":"/w","sandbox":{"type":"readOnly","networkAccess":false}}""")
            .Answer("thread/resume", """{"thread":{"id":"t1"},"model":"m-1","cwd":"/w","sandbox":{"type":"readOnly","networkAccess":false}}""")
            .Answer("turn/start", """{"turn":{"id":"u1","items":[],"status":"inProgress"}}""")
            .Answer("thread/name/set", "{}");
    }

    public ManualTime Time { get; } = new();

    public ScriptedSession Session { get; }

    public TimeLimits Limits { get; set; } = new();

    public TurnProgress Progress { get; } = new();

    /// <summary>The record of the request; on the disk, unless a test says otherwise.</summary>
    public Task Recorded { get; set; } = Task.CompletedTask;

    public TurnRequest Request { get; set; } = new()
    {
        JobId = "task-1",
        Cwd = "/w",
        Prompt = "Say hello.",
        ClientMessageId = "cm-1",
        ThreadName = "Codex Companion Task: Say hello. (task-1)",
    };

    public IReadOnlyList<RunEvent> Events => [.. _events];

    public IEnumerable<string> Lines => Events.OfType<RunEvent.Progress>().Select(p => p.Line);

    public IEnumerable<string?> Phases => Events.OfType<RunEvent.Progress>().Select(p => p.Phase);

    public IEnumerable<string> Notes => Events.OfType<RunEvent.Note>().Select(n => n.Sentence);

    public IEnumerable<RunEvent.Block> Blocks => Events.OfType<RunEvent.Block>();

    public void On(RunEvent happened) => _events.Enqueue(happened);

    public void Stop() => _stop.Cancel();

    public Task<Outcome> Run() =>
        Task.Run(() => new TurnRunner(Limits, Time).RunAsync(Session, Request, Progress, this, Recorded, _stop.Token));

    /// <summary>Starts the run and waits until the server accepted the turn and the run waits for its end.</summary>
    public async Task<Task<Outcome>> RunToTurnAsync()
    {
        var run = Run();
        await EventuallyAsync(
            () => run.IsCompleted || (Events.OfType<RunEvent.TurnAccepted>().Any() && Time.Pending > 0), "the run waits for the turn");
        return run;
    }

    /// <summary>Lets the server say what makes the run look again, and waits until it has looked.</summary>
    public async Task HeardAsync(Action say)
    {
        var before = Time.Set;
        say();
        await EventuallyAsync(() => Time.Set > before, "the run looks again");
    }

    /// <summary>Moves the clock; where that wakes the run, waits until it has looked.</summary>
    public async Task PassAsync(Task run, TimeSpan time)
    {
        var (set, fired) = (Time.Set, Time.Fired);
        Time.Advance(time);
        if (Time.Fired > fired)
            await EventuallyAsync(() => run.IsCompleted || (Time.Set > set && Time.Pending == 1), "the run looks again");
    }

    public Task CalledAsync(string method, int times = 1) =>
        EventuallyAsync(() => Session.Count(method) >= times, $"{method} is called");

    public static async Task<Outcome> EndOf(Task<Outcome> run) => await run.WaitAsync(TimeSpan.FromSeconds(20));

    public async Task<Outcome> AdvanceToEndAsync(Task<Outcome> run, TimeSpan step)
    {
        await Time.AdvanceUntilAsync(run, step);
        return await run;
    }

    public static async Task EventuallyAsync(Func<bool> condition, string what)
    {
        for (var waited = 0; waited < 4000; waited++)
        {
            if (condition())
                return;
            await Task.Delay(5);
        }

        Assert.Fail($"It never came to this: {what}.");
    }

    // What the server says, in short.
    public void Started(string item, string thread = "t1", string turn = "u1") =>
        Session.Say("item/started", $$"""{"threadId":"{{thread}}","turnId":"{{turn}}","item":{{item}}}""");

    public void Done(string item, string thread = "t1", string turn = "u1") =>
        Session.Say("item/completed", $$"""{"threadId":"{{thread}}","turnId":"{{turn}}","item":{{item}}}""");

    public void Message(string text, string thread = "t1", string turn = "u1") => Done(Item.Message(text), thread, turn);

    public void Delta(string thread = "t1", string turn = "u1") =>
        Session.Say("item/agentMessage/delta", $$"""{"threadId":"{{thread}}","turnId":"{{turn}}","itemId":"m","delta":"x"}""");

    public void TurnStarted(string thread = "t1", string turn = "u1") =>
        Session.Say("turn/started", $$"""{"threadId":"{{thread}}","turn":{"id":"{{turn}}","items":[],"status":"inProgress"} }""");

    public void TurnDone(string thread = "t1", string turn = "u1", string status = "completed", string items = "[]", string error = "null") =>
        Session.Say(
            "turn/completed",
            $$"""{"threadId":"{{thread}}","turn":{"id":"{{turn}}","items":{{items}},"status":"{{status}}","error":{{error}} } }""");

    public void Dispose() => _stop.Dispose();
}

/// <summary>Items as the server writes them.</summary>
internal static class Item
{
    public static string Message(string text, string id = "msg") =>
        $$"""{"type":"agentMessage","id":"{{id}}","text":{{JsonSerializer.Serialize(text)}},"phase":null}""";

    public static string Command(string id, string command, string status, int? exitCode = null, string output = "") =>
        $$"""{"type":"commandExecution","id":"{{id}}","command":{{JsonSerializer.Serialize(command)}},"status":"{{status}}","exitCode":{{exitCode?.ToString() ?? "null"}},"aggregatedOutput":{{JsonSerializer.Serialize(output)}}}""";

    public static string Edit(string id, string status, params string[] paths) =>
        $$"""{"type":"fileChange","id":"{{id}}","status":"{{status}}","changes":[{{string.Join(',', paths.Select(p => $$"""{"path":"{{p}}","kind":{"type":"update","move_path":null},"diff":""}"""))}}]}""";
}
