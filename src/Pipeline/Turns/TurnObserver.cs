using System.Text.Json;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.Turns;

/// <summary>
/// Picks out of a server's notifications those of one turn and of its subagents. A turn is known by thread and turn id together (old servers
/// number turns from 0). Notifications may come before the answers that name thread and turn, and before a subagent is introduced.
/// </summary>
internal sealed class TurnObserver
{
    private readonly RunEvents _run;
    private readonly TimeProvider _time;
    private readonly ObservedTurn _turn;
    private readonly Lock _gate = new();
    private readonly EarlyNotifications _early = new();
    private readonly EarlyNotifications _strangers = new();
    private readonly SubagentThreads _subagents = new();
    private readonly TaskCompletionSource<TurnEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _underway = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _settling = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _threadId;
    private string? _turnId;
    private string? _announcedTurn;
    private bool _turnPlaced;
    private long _lastSign;

    public TurnObserver(string cwd, RunEvents run, TimeProvider time)
    {
        _run = run;
        _time = time;
        _turn = new ObservedTurn(cwd, run, _subagents);
        _lastSign = time.GetTimestamp();
    }

    /// <summary>Completes with the turn's end, as the server told it.</summary>
    public Task<TurnEnd> Ended => _ended.Task;

    /// <summary>Completes when the server announced a turn on the thread, be the call that starts it answered or not.</summary>
    public Task Started => _started.Task;

    /// <summary>Completes when the first item of the thread is complete (the prompt, as a rule): by then the server keeps a record of the thread.</summary>
    public Task Underway => _underway.Task;

    /// <summary>Completes when something happened that may end the turn without the server saying so; a new task each time.</summary>
    public Task Settling
    {
        get
        {
            lock (_gate)
                return _settling.Task;
        }
    }

    /// <summary>The turn, once known; before the server answered, the one it announced on the thread.</summary>
    public string? TurnId
    {
        get
        {
            lock (_gate)
                return _turnId ?? _announcedTurn;
        }
    }

    /// <summary>Time stamp of the last sign of life of the turn.</summary>
    public long LastSign => Interlocked.Read(ref _lastSign);

    /// <summary>The final message came and nothing is open: only the word that it ended is missing.</summary>
    public bool LooksOver
    {
        get
        {
            lock (_gate)
                return _turn.LooksOver;
        }
    }

    /// <summary>The error the server said it would not retry; null when there is none.</summary>
    public Outcome.Failed? Fatal
    {
        get
        {
            lock (_gate)
                return _turn.Fatal;
        }
    }

    /// <summary>The sentence of a sandbox that let no command run; null when that is not so.</summary>
    public string? SandboxFailure
    {
        get
        {
            lock (_gate)
                return _turn.Ledger.SandboxFailure;
        }
    }

    /// <summary>The thread is known from now on.</summary>
    public void ThreadIs(string threadId, string? serverCwd)
    {
        lock (_gate)
        {
            _threadId = threadId;
            _subagents.MainIs(threadId);
            if (serverCwd is not null)
                _turn.Ledger.AlsoBelow(serverCwd);
            Touch();
            foreach (var message in _early.Take(_ => true))
                Place(message);
        }
    }

    /// <summary>The turn is known from now on; null when the server accepted it without naming it: then it is the next one announced.</summary>
    public void TurnIs(string? turnId)
    {
        lock (_gate)
        {
            _turnId = turnId ?? _announcedTurn;
            _turnPlaced = true;
            Touch();
            if (_turnId is not null)
                _run.Tell(new RunEvent.TurnAccepted(_threadId!, _turnId));
            foreach (var message in _early.Take(_ => true))
                Place(message);
        }
    }

    /// <summary>Hears a notification; on the read loop, in order.</summary>
    public void On(RpcMessage message)
    {
        lock (_gate)
        {
            if (_ended.Task.IsCompleted)
                return;
            if (_threadId is null)
            {
                if (TellsSomething(message.Method))
                    _early.Add(message);
                return;
            }

            Place(message);
        }
    }

    /// <summary>Something else showed that the turn is alive (a request of the server was answered).</summary>
    public void Touch() => Interlocked.Exchange(ref _lastSign, _time.GetTimestamp());

    /// <summary>What the turn brought so far.</summary>
    public TurnResult Result()
    {
        lock (_gate)
            return _turn.Ledger.Result() with { ThreadId = _threadId, TurnId = _turnId ?? _announcedTurn };
    }

    private void Place(RpcMessage message)
    {
        if (message.ThreadId is not { } threadId)
            return;
        if (threadId == _threadId)
        {
            Touch();
            OnMain(message);
        }
        else if (_subagents.Contains(threadId))
        {
            Touch();
            OnSubagent(threadId, message);
        }
        else if (message.Method == "thread/started" && _subagents.Started(message.ReadParams().Member("thread")) is { } subagent)
        {
            Touch();
            _run.Progress(null, $"Subagent {_subagents.NameOf(subagent)} started.");
            PlaceStrangers();
        }
        else if (TellsSomething(message.Method))
        {
            _strangers.Add(message);
        }
    }

    private void OnMain(RpcMessage message)
    {
        if (!TellsSomething(message.Method))
            return;
        var told = message.ReadParams();
        if (message.Method == "turn/started")
        {
            _announcedTurn ??= told.Member("turn").Text("id");
            _started.TrySetResult();
        }
        else if (message.Method == "item/completed")
        {
            _underway.TrySetResult();
        }

        if (!_turnPlaced)
            _early.Add(message);
        else if (_turn.End is null && IsOurTurn(told))
            Heard(_turn.Hear(message.Method, told));
    }

    private void OnSubagent(string threadId, RpcMessage message)
    {
        if (TellsSomething(message.Method))
            Heard(_turn.HearSubagent(threadId, message.Method, message.ReadParams()));
    }

    private void Heard(bool lookAgain)
    {
        PlaceStrangers();
        if (_turn.End is { } end)
            _ended.TrySetResult(end);
        if (!lookAgain)
            return;
        var settling = _settling;
        _settling = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        settling.TrySetResult();
    }

    // Some of those heard of before may have been introduced as subagents since.
    private void PlaceStrangers()
    {
        foreach (var message in _strangers.Take(m => m.ThreadId is { } id && _subagents.Contains(id)))
            Place(message);
    }

    private bool IsOurTurn(JsonElement told)
    {
        var turn = told.Text("turnId") ?? told.Member("turn").Text("id");
        if (turn is null)
            return true;
        if (_turnId is null)
        {
            _turnId = turn;
            _run.Tell(new RunEvent.TurnAccepted(_threadId!, turn));
        }

        return turn == _turnId;
    }

    // The rest (deltas above all) are signs of life and never kept.
    private static bool TellsSomething(string method) => method is
        "thread/started" or "thread/closed" or "turn/started" or "turn/completed" or "item/started" or "item/completed" or "error" or "warning"
        or "thread/tokenUsage/updated" or "model/rerouted";
}
