namespace CodexCompanion.Pipeline.Rpc;

/// <summary>
/// The lines waiting to be written to one stream, and the loop that writes them. A sender never waits for a slow reader: what may be
/// dropped is dropped first, and when what may not be dropped no longer fits, the queue says so and its owner hangs up.
/// </summary>
public sealed class OutboundQueue : IAsyncDisposable
{
    // Many small lines go out in one system call; larger chunks gain nothing.
    private const int ChunkBytes = 64 * 1024;

    private readonly Stream _stream;
    private readonly long _droppableBytes;
    private readonly long _essentialBytes;
    private readonly Lock _gate = new();
    private readonly Queue<ReadOnlyMemory<byte>> _lines = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _loop;
    private long _queuedBytes;
    private long _oversizedBytes;
    private bool _sealed;

    /// <summary>Starts writing to a stream; the stream stays its owner's.</summary>
    /// <param name="stream">Where the lines go.</param>
    /// <param name="droppableBytes">Droppable lines are dropped while more bytes than this wait.</param>
    /// <param name="essentialBytes">Essential lines are refused while more bytes than this wait, a single larger line left out.</param>
    public OutboundQueue(Stream stream, long droppableBytes, long essentialBytes)
    {
        _stream = stream;
        _droppableBytes = droppableBytes;
        _essentialBytes = essentialBytes;
        _loop = Task.Run(WriteAllAsync);
    }

    /// <summary>Bytes waiting to be written.</summary>
    public long QueuedBytes => Interlocked.Read(ref _queuedBytes);

    /// <summary>How many lines were dropped because the reader was slow.</summary>
    public long Dropped { get; private set; }

    /// <summary>Faults when the stream fails; never completes otherwise.</summary>
    public Task Failed => _failed.Task;

    /// <summary>Puts a line (without LF) in the queue.</summary>
    /// <returns>False when an essential line does not fit: the reader is too slow and should be hung up on. A droppable line that does
    /// not fit is dropped and answered with true.</returns>
    public bool TryEnqueue(ReadOnlyMemory<byte> line, bool droppable = false)
    {
        lock (_gate)
        {
            if (_sealed)
                return true;

            if (droppable && _queuedBytes + line.Length > _droppableBytes)
            {
                Dropped++;
                return true;
            }

            // A line larger than the whole bound must still get to a reader that keeps up, and so must what stands before and behind
            // it: one such line may wait at a time, and does not count against the bound.
            var isOversized = line.Length > _essentialBytes;
            var waiting = _queuedBytes - _oversizedBytes + (isOversized ? 0 : line.Length);
            if (waiting > _essentialBytes || (isOversized && _oversizedBytes > 0))
                return false;

            if (isOversized)
                _oversizedBytes = line.Length + 1;
            _lines.Enqueue(line);
            Interlocked.Add(ref _queuedBytes, line.Length + 1);
            if (_lines.Count == 1)
                _wake.Release();
        }

        return true;
    }

    /// <summary>Takes nothing more, and waits until all that is queued is written or the limit is over.</summary>
    public async Task DrainAsync(TimeSpan limit)
    {
        lock (_gate)
        {
            _sealed = true;
            _wake.Release();
        }

        // Past the limit the reader has had its chance; what is left is lost with the connection.
        await Task.WhenAny(_loop, Task.Delay(limit));
    }

    private async Task WriteAllAsync()
    {
        var chunk = new byte[ChunkBytes];
        try
        {
            while (true)
            {
                await _wake.WaitAsync();
                while (TakeChunk(chunk, out var bytes, out var large))
                {
                    await _stream.WriteAsync(large.IsEmpty ? chunk.AsMemory(0, bytes) : large);
                    if (!large.IsEmpty)
                        await _stream.WriteAsync("\n"u8.ToArray());
                    Written(large.IsEmpty ? bytes : large.Length + 1);
                }

                await _stream.FlushAsync();
                lock (_gate)
                {
                    if (_sealed && _lines.Count == 0)
                        return;
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The owner hears of it through Failed; its read loop usually sees the end as well.
            lock (_gate)
            {
                _sealed = true;
                _lines.Clear();
                _oversizedBytes = 0;
                Interlocked.Exchange(ref _queuedBytes, 0);
            }

            _failed.TrySetException(e);
        }
    }

    private void Written(int bytes)
    {
        lock (_gate)
        {
            Interlocked.Add(ref _queuedBytes, -bytes);
            if (bytes >= _oversizedBytes)
                _oversizedBytes = 0;
        }
    }

    private bool TakeChunk(byte[] chunk, out int bytes, out ReadOnlyMemory<byte> large)
    {
        bytes = 0;
        large = default;
        lock (_gate)
        {
            while (_lines.TryPeek(out var line))
            {
                if (line.Length + 1 > chunk.Length - bytes)
                {
                    if (bytes > 0)
                        return true;
                    large = _lines.Dequeue();
                    return true;
                }

                _lines.Dequeue();
                line.CopyTo(chunk.AsMemory(bytes));
                bytes += line.Length;
                chunk[bytes++] = (byte)'\n';
            }
        }

        return bytes > 0;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await DrainAsync(TimeSpan.Zero);
        _ = _failed.Task.Exception;
    }
}
