using System.Globalization;
using System.Text;
using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.Tool.Doctor;

/// <summary>What a job's log still tells of a job whose record is lost.</summary>
/// <param name="FirstLine">Time of its first line; null when it has none.</param>
/// <param name="LastLine">Time of its last line.</param>
/// <param name="ThreadId">The thread; null when it did not get so far.</param>
/// <param name="TurnId">The last turn; null when none was accepted.</param>
/// <param name="FinalOutput">What it printed at the end; null when it did not get so far.</param>
/// <param name="LastMessage">The last message of the assistant; null when there is none.</param>
/// <param name="WasCancelled">Whether a user cancelled it.</param>
internal sealed record JobLogReading(
    DateTimeOffset? FirstLine,
    DateTimeOffset? LastLine,
    string? ThreadId,
    string? TurnId,
    string? FinalOutput,
    string? LastMessage,
    bool WasCancelled)
{
    private const string ThreadBefore = "Thread ready (";
    private const string TurnBefore = "Turn started (";
    private const string Behind = ").";
    private const string Continuation = "    ";

    // Thread and turn stand among the first lines, the result is the last block: a log of 100 MB costs no more than this.
    private const int Head = 256 * 1024;
    private const int Tail = 4 * 1024 * 1024;

    /// <summary>Reads it; null when there is no log that can be read.</summary>
    public static JobLogReading? Of(string path)
    {
        try
        {
            if (NativeDisk.Instance.Look(path) is not { Kind: FileKind.Regular, Size: > 0 })
                return null;
            using var log = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var head = Read(log, 0, Head);
            return From(log.Length <= Head ? head : [.. head, .. Read(log, Math.Max(Head, log.Length - Tail), Tail)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // Then it tells nothing.
        }
    }

    /// <summary>Understands its lines.</summary>
    public static JobLogReading From(IReadOnlyList<string> lines)
    {
        var found = new JobLogReading(null, null, null, null, null, null, WasCancelled: false);
        for (var i = 0; i < lines.Count; i++)
        {
            if (TimeOf(lines[i], out var text) is not { } time)
                continue;
            found = found with { FirstLine = found.FirstLine ?? time, LastLine = time };
            if (text.StartsWith(ThreadBefore, StringComparison.Ordinal) && text.EndsWith(Behind, StringComparison.Ordinal))
                found = found with { ThreadId = text[ThreadBefore.Length..^Behind.Length] };
            else if (text.StartsWith(TurnBefore, StringComparison.Ordinal) && text.EndsWith(Behind, StringComparison.Ordinal))
                found = found with { TurnId = text[TurnBefore.Length..^Behind.Length] };
            else if (text is "Final output")
                found = found with { FinalOutput = Block(lines, i + 1) };
            else if (text is "Assistant message")
                found = found with { LastMessage = Block(lines, i + 1) };
            else if (text is "Cancelled by user.")
                found = found with { WasCancelled = true };
        }

        return found;
    }

    private static string Block(IReadOnlyList<string> lines, int from)
    {
        var block = new StringBuilder();
        // A disk that lost its power leaves zeros where the last lines should be.
        for (var i = from; i < lines.Count && TimeOf(lines[i], out _) is null && !lines[i].Contains('\0', StringComparison.Ordinal); i++)
            block.Append(i == from ? "" : "\n").Append(lines[i].StartsWith(Continuation, StringComparison.Ordinal) ? lines[i][Continuation.Length..] : lines[i]);
        return block.ToString().TrimEnd('\n');
    }

    // "[2026-11-22T10:15:00.000Z] text"
    private static DateTimeOffset? TimeOf(string line, out string text)
    {
        text = "";
        var end = line.IndexOf("] ", StringComparison.Ordinal);
        if (end < 0 || line[0] != '['
            || !DateTimeOffset.TryParse(line.AsSpan(1, end - 1), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return null;
        text = line[(end + 2)..];
        return time;
    }

    private static string[] Read(FileStream log, long from, int most)
    {
        var bytes = new byte[(int)Math.Min(most, Math.Max(0, log.Length - from))];
        log.Position = from;
        var length = log.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return Encoding.UTF8.GetString(bytes, 0, length).Split('\n');
    }
}
