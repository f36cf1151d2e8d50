using System.Text;

namespace CodexCompanion.Pipeline.Tests.Rpc;

/// <summary>A stream to write to whose reader can stop, and which can break.</summary>
internal sealed class GatedStream : Stream
{
    private readonly Lock _gate = new();
    private readonly List<byte> _written = [];
    private TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _broken;

    public GatedStream(bool open = true)
    {
        if (open)
            _open.SetResult();
    }

    /// <summary>Writes that have begun, finished or not.</summary>
    public int Writes { get; private set; }

    public override bool CanRead => false;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public string Text
    {
        get
        {
            lock (_gate)
                return Encoding.UTF8.GetString([.. _written]);
        }
    }

    public string[] Lines => Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public void Open() => _open.TrySetResult();

    public void Shut() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Break(Exception how)
    {
        _broken = how;
        Open();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Writes++;
        await _open.Task;
        if (_broken is { } how)
            throw how;
        lock (_gate)
            _written.AddRange(buffer.Span);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
