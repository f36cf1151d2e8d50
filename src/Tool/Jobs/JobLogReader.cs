using System.Text;
using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.Tool.Jobs;

/// <summary>One entry of a job's log: a line, and the indented block below it if it has one.</summary>
/// <param name="Cursor">Where the log goes on after it, in bytes.</param>
/// <param name="Time">Its time stamp; null where it has none (what a crashing runtime wrote).</param>
/// <param name="Text">The line, without the time.</param>
/// <param name="Body">The block; null for a line.</param>
internal sealed record LogEntry(long Cursor, string? Time, string Text, string? Body)
{
    /// <summary>Whether it is a line for whoever follows: a block is for the log, and a step of the trail (<see cref="TrailLine"/>) for who asked for it.</summary>
    public bool IsProgress => Body is null && !IsTrail;

    /// <summary>Whether it is a line that stays before the eyes of whoever follows.</summary>
    public bool IsNote => Body is null && NoteLine.Is(Text);

    /// <summary>Whether it is a step of the trail.</summary>
    public bool IsTrail => Text.StartsWith('[');
}

/// <summary>
/// Reads a log forward from a place, as far as it has been written. Entries are appended in one write each, so what ends with a line feed is
/// complete.
/// </summary>
internal sealed class JobLogReader(string path, long cursor)
{
    // Read in pieces: a log may be larger than memory.
    private const int Piece = 256 * 1024;

    private const string Indent = "    ";

    /// <summary>Where it goes on.</summary>
    public long Cursor { get; private set; } = cursor;

    /// <summary>What was written since the last call. A log that cannot be read has nothing new.</summary>
    public IEnumerable<LogEntry> ReadNew()
    {
        if (!RegularFile.IsAt(path))
            yield break; // Not there yet; or a pipe, which would be waited for.
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            yield break;
        }

        using (file)
        {
            var lines = new PendingEntry();
            foreach (var (line, end) in Lines(file))
            {
                if (lines.IsFull && !IsFurther(line))
                {
                    Cursor = lines.End;
                    yield return lines.Take();
                }

                lines.Add(line, end);
            }

            if (!lines.IsFull)
                yield break;
            Cursor = lines.End;
            yield return lines.Take();
        }
    }

    private static bool IsFurther(string line) => line.StartsWith(Indent, StringComparison.Ordinal) || line.Length == 0;

    private IEnumerable<(string Line, long End)> Lines(FileStream file)
    {
        using var line = new MemoryStream();
        var position = file.Position = Math.Min(Cursor, file.Length);
        var buffer = new byte[Math.Min(Piece, file.Length - position)]; // Mostly there is nothing new.
        int read;
        while ((read = file.Read(buffer, 0, buffer.Length)) > 0)
        {
            for (var from = 0; from < read;)
            {
                var feed = Array.IndexOf(buffer, (byte)'\n', from, read - from);
                var to = feed < 0 ? read : feed;
                line.Write(buffer, from, to - from);
                position += to - from + (feed < 0 ? 0 : 1);
                from = to + 1;
                if (feed < 0)
                    break;
                yield return (Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length), position);
                line.SetLength(0);
            }
        }
    }

    /// <summary>The lines of the entry that is being read.</summary>
    private sealed class PendingEntry
    {
        private readonly List<string> _body = [];
        private string? _head;

        public bool IsFull => _head is not null;

        public long End { get; private set; }

        public void Add(string line, long end)
        {
            End = end;
            if (_head is null)
                _head = line;
            else
                _body.Add(line.StartsWith(Indent, StringComparison.Ordinal) ? line[Indent.Length..] : line);
        }

        public LogEntry Take()
        {
            var head = _head!;
            var text = JobLogTail.WithoutTime(head);
            var time = text.Length < head.Length ? head[1..(head.Length - text.Length - 2)] : null;
            var entry = new LogEntry(End, time, text, _body.Count == 0 ? null : string.Join('\n', _body));
            _head = null;
            _body.Clear();
            return entry;
        }
    }
}
