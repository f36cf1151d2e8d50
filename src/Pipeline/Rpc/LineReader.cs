namespace CodexCompanion.Pipeline.Rpc;

/// <summary>What <see cref="LineReader"/> found next.</summary>
public enum LineKind
{
    /// <summary>A line, without its LF.</summary>
    Line,

    /// <summary>A line over the limit; it was passed over up to its LF.</summary>
    TooLong,

    /// <summary>The stream ended. A half line before the end is dropped: its sender died in the middle of it.</summary>
    End,
}

/// <summary>One answer of <see cref="LineReader"/>; the bytes belong to the caller.</summary>
public readonly record struct LineRead(LineKind Kind, ReadOnlyMemory<byte> Line);

/// <summary>
/// Splits a stream into lines at LF and at nothing else (U+2028 and a lone CR are content), as bytes: a character cut in two by the
/// transport is whole again here. Every byte is searched once, however large the line.
/// </summary>
/// <param name="stream">The stream to read.</param>
/// <param name="maxLineBytes">Longest line handed out.</param>
public sealed class LineReader(Stream stream, int maxLineBytes)
{
    // One read of a socket or pipe rarely gives more than 64 KiB.
    private const int InitialBytes = 64 * 1024;

    private byte[] _buffer = new byte[InitialBytes];
    private int _start;
    private int _scanned;
    private int _end;
    private bool _skipping;

    /// <summary>The next line. Lines made of white space are passed over. Cancelled, it answers that there is none.</summary>
    /// <exception cref="IOException">The stream failed.</exception>
    public async ValueTask<LineRead> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var newline = _buffer.AsSpan(_scanned, _end - _scanned).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                var line = _buffer.AsSpan(_start, _scanned + newline - _start);
                _start = _scanned = _scanned + newline + 1;
                if (_skipping)
                {
                    _skipping = false;
                    return new LineRead(LineKind.TooLong, default);
                }

                line = line.TrimEnd((byte)'\r');
                if (line.Trim(" \t"u8).IsEmpty)
                    continue;
                return line.Length > maxLineBytes
                    ? new LineRead(LineKind.TooLong, default)
                    : new LineRead(LineKind.Line, line.ToArray());
            }

            _scanned = _end;
            if (_skipping || _end - _start > maxLineBytes)
            {
                _skipping = true;
                _start = _scanned = _end = 0;
            }

            MakeRoom();
            var read = await ReadSomeAsync(cancellationToken);
            if (read == 0)
                return new LineRead(LineKind.End, default);
            _end += read;
        }
    }

    // Caught where it begins: every connection ends this way, and an exception costs at each level it passes.
    private async ValueTask<int> ReadSomeAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return 0;
        }
    }

    private void MakeRoom()
    {
        if (_start == _end)
        {
            _start = _scanned = _end = 0;

            // A single huge line must not hold its buffer for the life of the connection.
            if (_buffer.Length > InitialBytes * 16)
                _buffer = new byte[InitialBytes];
            return;
        }

        if (_end < _buffer.Length)
            return;

        var length = _end - _start;
        var target = length > _buffer.Length / 2 ? new byte[_buffer.Length * 2] : _buffer;
        Buffer.BlockCopy(_buffer, _start, target, 0, length);
        _buffer = target;
        _scanned -= _start;
        _start = 0;
        _end = length;
    }
}
