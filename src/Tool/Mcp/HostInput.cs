namespace CodexCompanion.Tool.Mcp;

/// <summary>
/// What the host writes, with a memory of whether it has left. The end of the input cancels every call, as a host that no longer wants an answer
/// does; only this tells the two apart, and only the second may stop a job.
/// </summary>
internal sealed class HostInput(Stream input) : Stream
{
    private readonly CancellationTokenSource _ended = new();

    /// <summary>Cancelled as soon as the host has left, before anybody else hears of it.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = 0;
        try
        {
            return read = await input.ReadAsync(buffer, cancellationToken);
        }
        finally
        {
            // Nothing more, or a pipe that broke: either way nobody is there.
            if (read == 0)
                await _ended.CancelAsync();
        }
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Flush()
    {
        // Nothing is written.
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _ended.Dispose();
        base.Dispose(disposing);
    }
}
