namespace CodexCompanion.TestProcesses;

/// <summary>A stream for writing whose writes can stop half way.</summary>
internal sealed class FaultyStream(Stream inner, FaultPlan faults) : Stream
{
    public Stream Inner => inner;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        faults.Pass("before write");
        inner.Write(buffer[..(buffer.Length / 2)]);
        faults.Pass("half written");
        inner.Write(buffer[(buffer.Length / 2)..]);
        faults.Pass("after write");
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
