using System.Buffers;
using System.Text;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.Tool.Jobs;

/// <summary>Reads logs from the end: what it costs depends on what is shown, not on how long the log is.</summary>
internal static class JobLogTail
{
    // One read gets the last lines of nearly every log; a block of a few hundred lines needs some more.
    private const int Chunk = 4 * 1024;

    // A single line longer than this is shown without its begin: nobody reads more of it in a list.
    private const int Most = 256 * 1024;

    /// <summary>The last entries' first lines without their time stamps, oldest first; empty when there is no log.</summary>
    /// <param name="store">The state the job lies in.</param>
    /// <param name="job">The job.</param>
    /// <param name="count">How many at most.</param>
    public static IReadOnlyList<string> LastLines(IStateStore store, JobRecord job, int count) =>
        // An index of the old runtime may name anything; its words do not lead out of the folder.
        JobIds.IsValid(job.Id) ? LastLines(store.Paths.JobLog(job.Id), count) : [];

    private static IReadOnlyList<string> LastLines(string path, int count)
    {
        if (!RegularFile.IsAt(path))
            return []; // A pipe would be waited for.
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
            for (var size = Chunk; ; size = Math.Min(size * 4, Most))
            {
                var from = Math.Max(0, file.Length - size);
                var lines = LastEntries(file, from, size, count);
                if (lines.Count == count || from == 0 || size == Most)
                    return lines;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // No log, or none for us: there is nothing to show.
        }
    }

    /// <summary>Where the last entries of a log begin, in bytes; found from the end.</summary>
    /// <param name="path">The log.</param>
    /// <param name="count">How many entries.</param>
    public static long BeginOfLast(string path, int count)
    {
        if (!RegularFile.IsAt(path))
            return 0;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
            if (count == 0)
                return file.Length;
            var piece = new byte[Chunk];
            var following = (byte)'\n'; // The first byte behind the piece looked at.
            for (var end = file.Length; end > 0;)
            {
                var from = Math.Max(0, end - Chunk);
                file.Position = from;
                var read = file.ReadAtLeast(piece.AsSpan(0, (int)(end - from)), (int)(end - from), throwOnEndOfStream: false);
                for (var i = read - 1; i >= 0; i--)
                {
                    if (piece[i] == '\n' && following is not ((byte)' ' or (byte)'\n') && --count == 0)
                        return from + i + 1;
                    following = piece[i];
                }

                end = from;
            }

            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0; // No log: nothing is read from there either.
        }
    }

    /// <summary>Takes the time stamp off a line of a log.</summary>
    public static string WithoutTime(string line) =>
        line.StartsWith('[') && line.IndexOf("] ", StringComparison.Ordinal) is > 0 and var end && DateTimeOffset.TryParse(line.AsSpan(1, end - 1), out _)
            ? line[(end + 2)..]
            : line;

    private static List<string> LastEntries(FileStream file, long from, int size, int count)
    {
        var tail = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            file.Position = from;
            var read = file.ReadAtLeast(tail.AsSpan(0, size), size, throwOnEndOfStream: false);
            return LastEntries(tail.AsSpan(0, read), complete: from == 0, count);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(tail);
        }
    }

    private static List<string> LastEntries(ReadOnlySpan<byte> bytes, bool complete, int count)
    {
        // The first line may be the end of one whose begin was not read.
        if (!complete)
            bytes = bytes[(bytes.IndexOf((byte)'\n') + 1)..];
        var lines = new List<string>(count);
        while (bytes.Length > 0 && lines.Count < count)
        {
            var begin = bytes.LastIndexOf((byte)'\n') + 1;
            var line = bytes[begin..];
            // Further lines of a block are indented; they are the detail of the line above.
            if (line.Length > 0 && line[0] != ' ' && WithoutTime(Encoding.UTF8.GetString(line)).TrimEnd() is { Length: > 0 } text)
                lines.Add(text);
            bytes = bytes[..Math.Max(0, begin - 1)];
        }

        lines.Reverse();
        return lines;
    }
}
