using System.Text;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>Keeps the last of what an app-server writes to its standard error, so that its death can be explained.</summary>
/// <param name="mask">Takes secrets out of it.</param>
internal sealed class StderrRing(SecretMask mask)
{
    /// <summary>How much is kept, in bytes: some hundred lines; a server may write for days.</summary>
    public const int Capacity = 64 * 1024;

    private const int ReadBytes = 4 * 1024;

    // Enough to see what went wrong, and fits into one sentence.
    private const int LastLines = 3;
    private const int LongestQuote = 400;

    private readonly Lock _gate = new();
    private readonly byte[] _ring = new byte[Capacity];
    private long _written;

    /// <summary>What is kept, as text without colours and secrets.</summary>
    public string Tail
    {
        get
        {
            lock (_gate)
            {
                var end = (int)(_written % Capacity);
                var bytes = _written <= Capacity ? _ring.AsSpan(0, (int)_written).ToArray() : [.. _ring.AsSpan(end), .. _ring.AsSpan(0, end)];
                return mask.Apply(WithoutColours(Encoding.UTF8.GetString(bytes)));
            }
        }
    }

    /// <summary>The last lines, on one line; null when nothing was written.</summary>
    public string? LastWords
    {
        get
        {
            var lines = Tail.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            var quote = string.Join(" / ", lines.TakeLast(LastLines));
            return quote.Length == 0 ? null : quote.Length <= LongestQuote ? quote : "…" + quote[^LongestQuote..];
        }
    }

    /// <summary>Adds bytes, in place of the oldest.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            foreach (var value in bytes)
                _ring[_written++ % Capacity] = value;
        }
    }

    /// <summary>Reads a stream to its end. An app-server whose error output nobody reads would stop one day in the middle of a write.</summary>
    public async Task ReadAllAsync(Stream stream)
    {
        var buffer = new byte[ReadBytes];
        try
        {
            while (await stream.ReadAsync(buffer) is var read and > 0)
                Add(buffer.AsSpan(0, read));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It was closed by us or broke: there is nothing more to keep.
        }
    }

    // Servers colour their log lines even when nobody looks: ESC [ … letter.
    private static string WithoutColours(string text)
    {
        var clean = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\e' && i + 1 < text.Length && text[i + 1] == '[')
            {
                i += 2;
                while (i < text.Length && !char.IsAsciiLetter(text[i]))
                    i++;
            }
            else if (text[i] is '\n' or '\t' || !char.IsControl(text[i]))
            {
                clean.Append(text[i]);
            }
        }

        return clean.ToString();
    }
}
