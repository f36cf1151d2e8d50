using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using CodexCompanion.Tool.Selftest.Simulator.Wire;

namespace CodexCompanion.Tool.Selftest.Simulator.Threads;

/// <summary>The threads this server has loaded, and those on disk.</summary>
internal sealed class ThreadCatalog(SimulationHome home, Dialect dialect)
{
    private readonly ConcurrentDictionary<string, LoadedThread> _loaded = new(StringComparer.Ordinal);

    /// <summary>The threads in memory, oldest first.</summary>
    public IReadOnlyList<LoadedThread> Loaded => [.. _loaded.Values.OrderBy(t => t.Id, StringComparer.Ordinal)];

    /// <summary>A thread in memory, or null.</summary>
    public LoadedThread? Find(string id) => _loaded.GetValueOrDefault(id);

    /// <summary>A thread in memory.</summary>
    /// <exception cref="RpcRefusalException">It is not.</exception>
    public LoadedThread Get(string id) => Find(id) ?? throw new RpcRefusalException($"thread not found: {id}");

    /// <summary>Takes a new thread into memory.</summary>
    public LoadedThread Add(ThreadHistory history, ThreadSettings settings) => Load(history, settings);

    /// <summary>Loads a thread from disk.</summary>
    /// <exception cref="RpcRefusalException">There is none, or another server has it.</exception>
    public LoadedThread Resume(string id, ThreadSettings settings)
    {
        var history = ReadRecorded(id, $"no rollout found for thread id {id}");
        var thread = Load(history, settings);

        // Read again now that nobody else writes: another server may have gone on with it in between.
        if (new Rollout(home, id).Read() is RolloutRead.Found latest && latest.History.Turns.Count != history.Turns.Count)
        {
            Unload(thread);
            return Resume(id, settings);
        }

        return thread;
    }

    /// <summary>Whether some server has archived the thread is on disk only.</summary>
    /// <exception cref="RpcRefusalException">It is archived.</exception>
    public void RefuseArchived(string id)
    {
        if (new Rollout(home, id).Read() is RolloutRead.Found { History.Archived: true })
            throw new RpcRefusalException($"session {id} is archived. Run `codex unarchive {id}` to unarchive it first.");
    }

    /// <summary>A thread's history from disk, unfinished turns as interrupted.</summary>
    /// <exception cref="RpcRefusalException">With <paramref name="missing"/> when there is none.</exception>
    public ThreadHistory ReadRecorded(string id, string missing)
    {
        switch (new Rollout(home, id).Read())
        {
            case RolloutRead.Found(var history):
                foreach (var turn in history.Turns.Where(t => t.Status is TurnStatus.InProgress))
                    turn.Status = TurnStatus.Interrupted;
                return history;
            case RolloutRead.Empty(var path):
                throw new RpcRefusalException(
                    RpcRefusalException.InternalError,
                    $"failed to read thread: thread-store internal error: failed to read session metadata {path}: rollout at {path} is empty");
            default:
                throw new RpcRefusalException(missing);
        }
    }

    /// <summary>All threads with a readable rollout.</summary>
    public IEnumerable<ThreadHistory> AllRecorded()
    {
        foreach (var file in Directory.EnumerateFiles(home.ThreadsFolder, "*.jsonl"))
        {
            if (new Rollout(home, Path.GetFileNameWithoutExtension(file)).Read() is RolloutRead.Found(var history))
                yield return history;
        }
    }

    /// <summary>Writes a line about a thread that is not in memory.</summary>
    public void Append(string id, JsonObject line) => new Rollout(home, id).Append(line);

    /// <summary>Removes what is recorded of a thread that is not in memory.</summary>
    public void Delete(string id) => File.Delete(home.RolloutFile(id));

    /// <summary>Lets a thread go, with its writer lock.</summary>
    public void Unload(LoadedThread thread)
    {
        _loaded.TryRemove(thread.Id, out _);
        thread.Release();
    }

    /// <summary>The server is dead: nothing is recorded any more, and its locks are free.</summary>
    public void CloseAll()
    {
        foreach (var thread in _loaded.Values)
        {
            thread.Close();
            thread.Release();
        }
    }

    private LoadedThread Load(ThreadHistory history, ThreadSettings settings)
    {
        var id = history.Info.Id;
        if (history.Info.Ephemeral)
            return _loaded[id] = new LoadedThread(history, rollout: null, writer: null, settings);
        WriterLock? writer = null;
        if (dialect.IsModern)
            writer = WriterLock.TryTake(home, id) ?? throw new RpcRefusalException($"thread {id} already has an active writer");
        return _loaded[id] = new LoadedThread(history, new Rollout(home, id), writer, settings);
    }
}
