using System.Runtime.InteropServices;

namespace CodexCompanion.Pipeline.Tests.Rpc;

/// <summary>
/// Hands out bytes in chunks of a given size, and watches what its reader does with them: how often it reads, how many bytes it has
/// moved to read on, and, by turning every byte it has already seen into LF, whether it searches any byte twice.
/// </summary>
internal sealed class ChunkedStream(ReadOnlyMemory<byte> bytes, int chunk) : Stream
{
    private byte[]? _lastArray;
    private int _lastEnd;
    private int _lastCount;
    private int _position;

    /// <summary>Turns the bytes handed out last into LF before more are handed out.</summary>
    public bool SpoilWhatWasSeen { get; init; }

    public int Reads { get; private set; }

    public long BytesMoved { get; private set; }

    public override bool CanRead => true;

    public override bool CanWrite => false;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Reads++;
        Watch(buffer);
        var count = Math.Min(Math.Min(chunk, buffer.Length), bytes.Length - _position);
        bytes.Slice(_position, count).CopyTo(buffer);
        _position += count;
        _lastCount = count;
        _lastEnd += count;
        return ValueTask.FromResult(count);
    }

    private void Watch(Memory<byte> buffer)
    {
        if (!MemoryMarshal.TryGetArray<byte>(buffer, out var segment) || segment.Array is not { } array)
            throw new InvalidOperationException("The buffer is no array.");
        if (_lastArray is not null && (array != _lastArray || segment.Offset != _lastEnd))
            BytesMoved += segment.Offset;
        if (SpoilWhatWasSeen && segment.Offset >= _lastCount)
            array.AsSpan(segment.Offset - _lastCount, _lastCount).Fill((byte)'\n');
        _lastArray = array;
        _lastEnd = segment.Offset;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
