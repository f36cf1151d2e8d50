using System.Text.Json.Nodes;
using CodexCompanion.Tool.Selftest.Simulator.Turns;

namespace CodexCompanion.Tool.Selftest.Simulator.Threads;

/// <summary>The settings under which a thread's turns run.</summary>
/// <param name="ApprovalPolicy">As the client sent it.</param>
/// <param name="Sandbox">A sandbox policy of the protocol.</param>
/// <param name="Environment">What the thread's config says of its commands' environment.</param>
internal sealed record ThreadSettings(JsonNode ApprovalPolicy, JsonObject Sandbox, ShellEnvironment Environment);

/// <summary>A thread this server has in memory.</summary>
internal sealed class LoadedThread(ThreadHistory history, Rollout? rollout, WriterLock? writer, ThreadSettings settings)
{
    private readonly Lock _gate = new();
    private ActiveTurn? _active;

    public string Id => History.Info.Id;

    public ThreadHistory History { get; } = history;

    public ThreadSettings Settings { get; set; } = settings;

    /// <summary>Whether the client gets the events of this thread's turns.</summary>
    public bool Subscribed { get; set; } = true;

    /// <summary>The commands its turns have started.</summary>
    public CommandTable Commands { get; } = new();

    /// <summary>The running turn.</summary>
    public ActiveTurn? Active
    {
        get
        {
            lock (_gate)
                return _active;
        }
    }

    /// <summary>Whether there is anything of the thread on disk: codex records a thread with its first turn, not before.</summary>
    public bool IsRecorded { get; private set; } = history.Turns.Count > 0;

    /// <summary>Looks at the history while no turn can change it.</summary>
    public T Look<T>(Func<ThreadHistory, ActiveTurn?, T> read)
    {
        lock (_gate)
            return read(History, _active);
    }

    /// <summary>Creates the rollout with nothing in it, unless there is one.</summary>
    public void TouchRollout() => rollout?.Touch();

    /// <summary>Starts a turn, or answers false when one is running.</summary>
    public bool TryBegin(ActiveTurn turn)
    {
        lock (_gate)
        {
            if (_active is not null)
                return false;
            _active = turn;
            History.Turns.Add(turn.Turn);
            RecordStart();
            rollout?.Append(RolloutLines.Turn(turn.Turn));
            return true;
        }
    }

    /// <summary>Adds an item to a turn.</summary>
    public void Record(RecordedTurn turn, JsonObject item)
    {
        lock (_gate)
        {
            turn.Items.Add((JsonObject)item.DeepClone());
            rollout?.Append(RolloutLines.Item(turn.Id, item));
        }
    }

    /// <summary>Records the end of a turn, or answers false when it has already ended.</summary>
    public bool TryEnd(ActiveTurn turn, string status, JsonObject? error, long tokens, TimeProvider time)
    {
        lock (_gate)
        {
            if (_active != turn)
                return false;
            _active = null;
            History.TotalTokens += tokens;
            (turn.Turn.Status, turn.Turn.Error) = (status, error);
            turn.Turn.CompletedAtMs = time.GetUtcNow().ToUnixTimeMilliseconds();
            rollout?.Append(RolloutLines.TurnEnd(turn.Turn, History.TotalTokens));
            return true;
        }
    }

    /// <summary>Ends the running turn because the server goes.</summary>
    public ActiveTurn? InterruptForExit(TimeProvider time) =>
        Active is { } turn && TryEnd(turn, TurnStatus.Interrupted, error: null, tokens: 0, time) ? turn : null;

    public void Rename(string name)
    {
        lock (_gate)
        {
            History.Name = name;
            if (IsRecorded)
                rollout?.Append(RolloutLines.Name(name));
        }
    }

    public void Archive() => rollout?.Append(RolloutLines.Archived(true));

    /// <summary>Writes a history that came from elsewhere, as a fork's does.</summary>
    public void RecordAll()
    {
        lock (_gate)
        {
            IsRecorded = false;
            RecordStart();
            foreach (var turn in History.Turns)
            {
                rollout?.Append(RolloutLines.Turn(turn));
                foreach (var item in turn.Items)
                    rollout?.Append(RolloutLines.Item(turn.Id, item));
                rollout?.Append(RolloutLines.TurnEnd(turn, History.TotalTokens));
            }
        }
    }

    /// <summary>Lets the thread go: another server may load it.</summary>
    public void Release() => writer?.Dispose();

    /// <summary>The server is dead: nothing more is recorded.</summary>
    public void Close() => rollout?.Close();

    private void RecordStart()
    {
        if (IsRecorded)
            return;
        IsRecorded = true;
        rollout?.Append(RolloutLines.Thread(History.Info));
        if (History.Name is { } name)
            rollout?.Append(RolloutLines.Name(name));
    }
}
