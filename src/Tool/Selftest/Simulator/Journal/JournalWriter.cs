using System.Text.Json;

namespace CodexCompanion.Tool.Selftest.Simulator.Journal;

/// <summary>One server's pen for the journal it shares with all others below the same home.</summary>
internal sealed class JournalWriter(SimulationHome home, string server, TimeProvider time)
{
    // Enough to recognise a prompt by; a prompt of a megabyte must not become a journal of gigabytes.
    private const int PromptCharacters = 2_000;

    private volatile bool _closed;

    /// <summary>Writes one event, stamped with the time, the process and the server instance.</summary>
    /// <param name="name">One of <see cref="JournalEvents"/>.</param>
    /// <param name="fill">Adds the event's own members.</param>
    public void Write(string name, Func<JournalEvent, JournalEvent>? fill = null)
    {
        if (_closed)
            return;
        var entry = new JournalEvent { Event = name, Time = time.GetUtcNow(), Pid = Environment.ProcessId, Server = server };
        if (fill is not null)
            entry = fill(entry);
        AppendOnlyFile.Append(home.JournalFile, JsonSerializer.SerializeToUtf8Bytes(entry, JournalJson.Default.JournalEvent));
    }

    /// <summary>The start of a prompt, as the journal keeps it.</summary>
    public static string Shorten(string prompt) => prompt.Length <= PromptCharacters ? prompt : prompt[..PromptCharacters];

    /// <summary>The server is dead: whatever its threads still run up to is not written any more.</summary>
    public void Close() => _closed = true;
}
