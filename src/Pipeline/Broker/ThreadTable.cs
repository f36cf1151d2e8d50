using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>A turn running in the broker.</summary>
internal sealed class ActiveTurn(string? jobId)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string? JobId { get; } = jobId;

    /// <summary>Null until the server named it.</summary>
    public string? TurnId { get; set; }

    /// <summary>Set when it did not end when it was stopped: it may run on, so its thread stays taken, but nothing waits for it.</summary>
    public bool IgnoresInterrupt { get; set; }

    /// <summary>Completes when the turn ended, in whichever way.</summary>
    public Task Ended => _ended.Task;

    public void End() => _ended.TrySetResult();
}

/// <summary>A thread loaded in one of the broker's app-servers.</summary>
internal sealed class ThreadEntry(string id, AppServerSlot slot, ClientConnection? owner, ThreadEntry? parent)
{
    public string Id { get; } = id;

    public AppServerSlot Slot { get; } = slot;

    /// <summary>Who gets its events; null when its owner vanished: then nobody does.</summary>
    public ClientConnection? Owner { get; set; } = owner;

    /// <summary>The thread that spawned it; null for one started by a client.</summary>
    public ThreadEntry? Parent { get; } = parent;

    public ActiveTurn? Turn { get; set; }

    /// <summary>Whether it was started here and never had a turn: nobody would miss it.</summary>
    public bool IsUnused { get; set; }

    /// <summary>Set while what its vanished owner left is cleared away: nobody may take a thread that is about to be unloaded.</summary>
    public bool IsLeaving { get; set; }
}

/// <summary>
/// Which thread lives in which app-server and belongs to which client. While a thread is being started, events of threads that nobody
/// has are kept: they come before the answer to <c>thread/start</c>, and are handed over with it. At other times they are the last words
/// of threads that were let go, and concern nobody.
/// </summary>
internal sealed class ThreadTable
{
    // The answer to thread/start follows its first events within milliseconds; this is far more than they are.
    private const int MaxEarlyMessages = 512;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ThreadEntry> _threads = new(StringComparer.Ordinal);
    private readonly List<(AppServerSlot Slot, string ThreadId, RpcMessage Message)> _early = [];
    private int _expected;

    public ThreadEntry? Find(string threadId)
    {
        lock (_gate)
            return _threads.GetValueOrDefault(threadId);
    }

    public List<ThreadEntry> Where(Func<ThreadEntry, bool> predicate)
    {
        lock (_gate)
            return _threads.Values.Where(predicate).ToList();
    }

    /// <summary>Number of turns running, those in a given app-server only if one is named. Turns that ignore their interrupt do not count:
    /// their app-server need not be kept for them.</summary>
    public int CountTurns(AppServerSlot? slot = null)
    {
        lock (_gate)
            return _threads.Values.Count(t => t.Turn is { IgnoresInterrupt: false } && (slot is null || t.Slot == slot));
    }

    /// <summary>A thread is being started: events of threads that nobody has are kept until <see cref="ExpectNoMore"/>.</summary>
    public void Expect()
    {
        lock (_gate)
            _expected++;
    }

    /// <summary>The thread that was expected is claimed, or does not come.</summary>
    public void ExpectNoMore()
    {
        lock (_gate)
        {
            if (--_expected == 0)
                _early.Clear();
        }
    }

    /// <summary>Gives a thread to a client.</summary>
    /// <param name="threadId">The thread.</param>
    /// <param name="slot">Where it lives.</param>
    /// <param name="owner">The client.</param>
    /// <param name="started">Whether the client started it just now: then what was said of it so far is the client's, too.</param>
    /// <returns>The entry; null when another client has it.</returns>
    public ThreadEntry? Claim(string threadId, AppServerSlot slot, ClientConnection owner, bool started = false)
    {
        lock (_gate)
        {
            if (_threads.TryGetValue(threadId, out var known) && known.Slot == slot)
            {
                if (known.Owner is not null && known.Owner != owner)
                    return null;
                if (known.Owner is null && (known.IsLeaving || known.Turn is not null))
                    return null; // Its owner vanished and its turn is still being stopped, or it is being let go.
                known.Owner = owner;
                return known;
            }

            var entry = new ThreadEntry(threadId, slot, owner, parent: null);
            _threads[threadId] = entry;
            if (started)
                HandOverEarly(entry);
            return entry;
        }
    }

    /// <summary>Takes its threads from a client that is gone; they are leaving until they are removed, or <see cref="Keep"/> says otherwise.</summary>
    /// <returns>Those it had started or resumed, without their subagents'.</returns>
    public List<ThreadEntry> Abandon(ClientConnection client)
    {
        lock (_gate)
        {
            var abandoned = _threads.Values.Where(t => t.Owner == client).ToList();
            foreach (var entry in abandoned)
                (entry.Owner, entry.IsLeaving) = (null, true);
            return abandoned.FindAll(t => t.Parent is null);
        }
    }

    /// <summary>A thread that was leaving stays: its turn did not end. Whoever comes when it has ended may take it.</summary>
    public void Keep(ThreadEntry entry)
    {
        lock (_gate)
            entry.IsLeaving = false;
    }

    /// <summary>Begins a turn on a thread.</summary>
    /// <returns>The turn; null when one is running already: a second start would steer it.</returns>
    public ActiveTurn? BeginTurn(ThreadEntry entry, string? jobId)
    {
        lock (_gate)
        {
            if (entry.Turn is not null)
                return null;
            entry.IsUnused = false;
            return entry.Turn = new ActiveTurn(jobId);
        }
    }

    /// <summary>Ends the turn of a thread, if it is the one named (or either is not known by name).</summary>
    /// <returns>The turn; its <see cref="ActiveTurn.End"/> is the caller's, who may have to tell its owner first. Null when none ended.</returns>
    public ActiveTurn? EndTurn(ThreadEntry entry, string? turnId)
    {
        lock (_gate)
        {
            if (entry.Turn is not { } turn || (turnId is not null && turn.TurnId is not null && turnId != turn.TurnId))
                return null;
            entry.Turn = null;
            return turn;
        }
    }

    /// <summary>Where an event of a thread goes. A subagent's thread is entered under its parent's owner when it shows up.</summary>
    public ClientConnection? Route(AppServerSlot slot, string threadId, RpcMessage message)
    {
        lock (_gate)
        {
            if (_threads.TryGetValue(threadId, out var entry) && entry.Slot == slot)
                return entry.Owner;

            if (ParentOf(message) is { } parentId && _threads.TryGetValue(parentId, out var parent) && parent.Slot == slot)
            {
                var child = new ThreadEntry(threadId, slot, parent.Owner, parent);
                _threads[threadId] = child;
                return child.Owner;
            }

            if (_expected > 0 && _early.Count < MaxEarlyMessages)
                _early.Add((slot, threadId, message));
            return null;
        }
    }

    /// <summary>Takes a thread and the subagent threads below it out.</summary>
    public List<ThreadEntry> Remove(ThreadEntry entry)
    {
        lock (_gate)
        {
            var family = _threads.Values.Where(t => IsBelow(t, entry)).ToList();
            foreach (var member in family)
                _threads.Remove(member.Id);
            return family;
        }
    }

    /// <summary>Takes out all threads of an app-server that ended, their turns with them.</summary>
    public List<ThreadEntry> RemoveAll(AppServerSlot slot)
    {
        lock (_gate)
        {
            var lost = _threads.Values.Where(t => t.Slot == slot).ToList();
            foreach (var entry in lost)
            {
                _threads.Remove(entry.Id);
                entry.Turn?.End();
                entry.Turn = null;
            }

            return lost;
        }
    }

    private void HandOverEarly(ThreadEntry entry)
    {
        foreach (var early in _early.Where(e => e.ThreadId == entry.Id && e.Slot == entry.Slot))
            entry.Owner?.Send(early.Message.Line);
        _early.RemoveAll(e => e.ThreadId == entry.Id);
    }

    private static bool IsBelow(ThreadEntry? thread, ThreadEntry root)
    {
        for (; thread is not null; thread = thread.Parent)
        {
            if (thread == root)
                return true;
        }

        return false;
    }

    private static string? ParentOf(RpcMessage message) =>
        message.Method == "thread/started" ? AppServer.ThreadParent.Of(message.ReadParams().Member("thread")) : null;
}
