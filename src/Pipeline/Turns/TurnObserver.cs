using System.Text.Json;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.Turns;

/// <summary>
/// Follows one turn through a server's notifications: which of them belong to it, what they bring, and when it has ended. A turn is known by
/// thread and turn id together (old servers number turns from 0). Notifications may come before the answers that name thread and turn.
/// </summary>
internal sealed class TurnObserver
{
    private readonly RunEvents _run;
    private readonly TimeProvider _time;
    private readonly TurnLedger _ledger;
    private readonly TurnNarrator _narrator;
    private readonly Lock _gate = new();
    private readonly EarlyNotifications _early = new();
    private readonly EarlyNotifications _strangers = new();
    private readonly SubagentThreads _subagents = new();
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource<TurnEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _settling = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _threadId;
    private string? _turnId;
    private string? _announcedTurn;
    private bool _turnPlaced;
    private bool _finalMessageCame;
    private Outcome.Failed? _fatal;
    private long _lastSign;

    public TurnObserver(string cwd, RunEvents run, TimeProvider time)
    {
        _run = run;
        _time = time;
        _ledger = new TurnLedger(cwd);
        _narrator = new TurnNarrator(run);
        _lastSign = time.GetTimestamp();
    }

    /// <summary>Completes with the turn's end, as the server told it.</summary>
    public Task<TurnEnd> Ended => _ended.Task;

    /// <summary>Completes when the server announced a turn on the thread, be the call that starts it answered or not.</summary>
    public Task Started => _started.Task;

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
                return _finalMessageCame && _open.Count == 0 && !_subagents.AnyWorking;
        }
    }

    /// <summary>The error the server said it would not retry; null when there is none.</summary>
    public Outcome.Failed? Fatal
    {
        get
        {
            lock (_gate)
                return _fatal;
        }
    }

    /// <summary>The sentence of a sandbox that let no command run; null when that is not so.</summary>
    public string? SandboxFailure
    {
        get
        {
            lock (_gate)
                return _ledger.SandboxFailure;
        }
    }

    /// <summary>The thread is known from now on.</summary>
    public void ThreadIs(string threadId, string? serverCwd)
    {
        lock (_gate)
        {
            _threadId = threadId;
            if (serverCwd is not null)
                _ledger.AlsoBelow(serverCwd);
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
            return _ledger.Result() with { ThreadId = _threadId, TurnId = _turnId ?? _announcedTurn };
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
        else if (message.Method == "thread/started" && _subagents.Started(message.ReadParams().Member("thread"), _threadId!) is { } subagent)
        {
            Touch();
            _run.Progress(null, $"Subagent {_subagents.NameOf(subagent)} started.");
            Adopt([subagent]);
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

        if (!_turnPlaced)
        {
            _early.Add(message);
            return;
        }

        if (!IsOurTurn(told))
            return;
        switch (message.Method)
        {
            case "item/started":
                ItemStarted(told.Member("item"));
                break;
            case "item/completed":
                ItemCompleted(told.Member("item"));
                break;
            case "thread/tokenUsage/updated":
                _ledger.Count(told.Member("tokenUsage"));
                break;
            case "model/rerouted" when told.Text("toModel") is { } model:
                _ledger.Model = model;
                _run.Note($"The server moved the turn from the model {told.Text("fromModel")} to {model}.");
                break;
            case "warning" when told.Text("message") is { } warning:
                _run.Progress(null, $"Warning: {ProgressText.OneLine(warning)}");
                break;
            case "error":
                ErrorCame(told);
                break;
            case "turn/completed":
                TurnCompleted(told.Member("turn"));
                break;
        }
    }

    private void ItemStarted(JsonElement item)
    {
        _finalMessageCame = false;
        _fatal = null; // It goes on after all.
        Mention(item);
        if (item.Text("type") is not ("agentMessage" or "reasoning" or "userMessage") && item.Text("id") is { } id)
            _open.Add(id);
        _ledger.Start(item);
        _narrator.Started(item);
    }

    private void ItemCompleted(JsonElement item)
    {
        _open.Remove(item.Text("id") ?? "");
        Mention(item);
        _ledger.Complete(item);
        _narrator.Completed(item);
        _finalMessageCame = item.Text("type") switch
        {
            "agentMessage" => item.Text("text") is { Length: > 0 },
            "exitedReviewMode" => true,
            _ => false,
        };
        Settle();
    }

    private void ErrorCame(JsonElement told)
    {
        var failure = FailureClassifier.OfTurn(told.Member("error"));
        if (told.IsTrue("willRetry"))
        {
            var why = told.Member("error").Text("additionalDetails") is { } details ? $"{failure.Message} ({ProgressText.OneLine(details)})" : failure.Message;
            _run.Progress("retrying", why);
            return;
        }

        _fatal = failure;
        Settle();
    }

    private void TurnCompleted(JsonElement turn)
    {
        foreach (var item in turn.Items("items"))
            _ledger.Complete(item);
        _ended.TrySetResult(turn.Text("status") switch
        {
            "failed" => new TurnEnd.Failed(
                turn.Member("error").ValueKind == JsonValueKind.Undefined && _fatal is { } told ? told : FailureClassifier.OfTurn(turn.Member("error"))),
            "interrupted" => new TurnEnd.Interrupted(),
            _ => new TurnEnd.Completed(),
        });
    }

    private void OnSubagent(string threadId, RpcMessage message)
    {
        if (!TellsSomething(message.Method))
            return;
        var told = message.ReadParams();
        switch (message.Method)
        {
            case "item/started":
                Mention(told.Member("item"));
                break;
            case "item/completed":
                var item = told.Member("item");
                Mention(item);
                _ledger.CompleteOfSubagent(item);
                _narrator.SubagentCompleted(_subagents.NameOf(threadId), item);
                break;
            case "turn/started":
                _subagents.Works(threadId);
                break;
            case "turn/completed" or "thread/closed":
                _subagents.Rests(threadId);
                Settle();
                break;
        }
    }

    private void Mention(JsonElement item) => Adopt(_subagents.Mentioned(item, _threadId!));

    private void Adopt(IReadOnlyList<string> threads)
    {
        if (threads.Count == 0)
            return;
        foreach (var message in _strangers.Take(m => m.ThreadId is { } id && threads.Contains(id, StringComparer.Ordinal)))
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

    // Whoever waits for the end looks again.
    private void Settle()
    {
        var settling = _settling;
        _settling = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        settling.TrySetResult();
    }

    // The rest (deltas above all) are signs of life and never kept.
    private static bool TellsSomething(string method) => method is
        "thread/started" or "thread/closed" or "turn/started" or "turn/completed" or "item/started" or "item/completed" or "error" or "warning"
        or "thread/tokenUsage/updated" or "model/rerouted";
}
