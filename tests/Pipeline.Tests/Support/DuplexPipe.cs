using System.IO.Pipelines;

namespace CodexCompanion.Pipeline.Tests.Support;

/// <summary>Two streams in memory, each of which reads what the other writes.</summary>
internal sealed class DuplexPipe
{
    private readonly Pipe _toHere;
    private readonly Pipe _toThere;

    /// <param name="capacity">Bytes that may wait in each direction before a writer has to wait.</param>
    public DuplexPipe(long capacity = 64 * 1024)
    {
        _toHere = NewPipe(capacity);
        _toThere = NewPipe(capacity);
        Here = new DuplexStream(_toHere.Reader.AsStream(), _toThere.Writer.AsStream());
        There = new DuplexStream(_toThere.Reader.AsStream(), _toHere.Writer.AsStream());
    }

    public Stream Here { get; }

    public Stream There { get; }

    /// <summary>The other side ends its output; what it wrote before is still read.</summary>
    public void EndThere() => _toHere.Writer.Complete();

    /// <summary>Reading here fails as a connection that was reset does.</summary>
    public void BreakReadingHere() => _toHere.Writer.Complete(new IOException("Connection reset by peer"));

    /// <summary>Writing here fails as on a pipe nobody reads, while reading goes on.</summary>
    public void BreakWritingHere() => ((DuplexStream)Here).WritesFail = true;

    private static Pipe NewPipe(long capacity) =>
        new(new PipeOptions(pauseWriterThreshold: capacity, resumeWriterThreshold: capacity / 2, useSynchronizationContext: false));

    private sealed class DuplexStream(Stream input, Stream output) : Stream
    {
        public bool WritesFail { get; set; }

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            input.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            WritesFail ? throw new IOException("Broken pipe") : output.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                input.Dispose();
                output.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
