using System.Text;
using System.Text.Json.Nodes;
using CodexCompanion.Tool.Selftest.Simulator.Journal;

namespace CodexCompanion.Tool.Selftest.Simulator.Threads;

/// <summary>The recorded history of one thread on disk, written line by line as things happen.</summary>
internal sealed class Rollout(SimulationHome home, string threadId)
{
    private volatile bool _closed;

    public string Path => home.RolloutFile(threadId);

    /// <summary>Adds a line; nothing after <see cref="Close"/>.</summary>
    public void Append(JsonObject line)
    {
        if (!_closed)
            AppendOnlyFile.Append(Path, Encoding.UTF8.GetBytes(line.ToJsonString()));
    }

    /// <summary>The server is dead: what its turns still run up to is not recorded.</summary>
    public void Close() => _closed = true;

    /// <summary>Creates the file with nothing in it, the state in which codex 0.169 leaves it when killed at once.</summary>
    public void Touch()
    {
        using var file = new FileStream(Path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
    }

    /// <summary>What is on disk of the thread.</summary>
    public RolloutRead Read()
    {
        if (!File.Exists(Path))
            return new RolloutRead.Missing();
        return RolloutLines.Replay(AppendOnlyFile.ReadLines(Path)) is { } history ? new RolloutRead.Found(history) : new RolloutRead.Empty(Path);
    }
}

/// <summary>What a rollout holds.</summary>
internal abstract record RolloutRead
{
    private RolloutRead()
    {
    }

    /// <summary>No file: the thread never had a turn, or never was.</summary>
    internal sealed record Missing : RolloutRead;

    /// <summary>A file without a whole line.</summary>
    internal sealed record Empty(string Path) : RolloutRead;

    internal sealed record Found(ThreadHistory History) : RolloutRead;
}
