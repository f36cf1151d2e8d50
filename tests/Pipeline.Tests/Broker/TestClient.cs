using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Tests.Rpc;
using CodexCompanion.Pipeline.Tests.Support;

namespace CodexCompanion.Pipeline.Tests.Broker;

/// <summary>A client of the broker, with its other end in the test's hand.</summary>
internal sealed class TestClient : IAsyncDisposable
{
    private static int _lastId;

    public TestClient(long capacity = 64 * 1024)
    {
        Pipe = new DuplexPipe(capacity);
        Connection = new ClientConnection(Interlocked.Increment(ref _lastId), Pipe.Here);
        Side = new ScriptedSide(Pipe.There);
    }

    public DuplexPipe Pipe { get; }

    public ClientConnection Connection { get; }

    public ScriptedSide Side { get; }

    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}
