namespace CodexCompanion.Tool.Selftest.Simulator.Wire;

/// <summary>Lines ended by LF, of any length, from a stream of bytes.</summary>
internal sealed class LineReader(Stream input) : IDisposable
{
    // The size of a pipe's buffer on Linux: one read empties it.
    private const int FirstBufferBytes = 64 * 1024;

    private byte[] _buffer = new byte[FirstBufferBytes];
    private int _start;
    private int _end;

    /// <summary>The next line without its end, or null when the stream has ended; a last line without LF does not count.</summary>
    /// <returns>Valid until the next call.</returns>
    public async Task<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellation)
    {
        var searched = _start;
        while (true)
        {
            var length = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n');
            if (length >= 0)
            {
                var line = _buffer.AsMemory(_start, searched + length - _start);
                _start = searched + length + 1;
                return line;
            }

            searched = MakeRoom();
            var read = await input.ReadAsync(_buffer.AsMemory(_end), cancellation);
            if (read == 0)
                return null;
            _end += read;
        }
    }

    /// <summary>Closes the stream: the peer's next write fails.</summary>
    public void Dispose() => input.Dispose();

    private int MakeRoom()
    {
        var kept = _end - _start;
        if (_start > 0)
            _buffer.AsSpan(_start, kept).CopyTo(_buffer);
        else if (kept == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        (_start, _end) = (0, kept);
        return kept;
    }
}
