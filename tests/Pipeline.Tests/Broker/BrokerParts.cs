using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Tests.Rpc;
using CodexCompanion.Pipeline.Tests.Support;

namespace CodexCompanion.Pipeline.Tests.Broker;

/// <summary>An app-server of the broker as far as routing needs one: nothing runs.</summary>
internal static class Slots
{
    public static AppServerSlot New(int generation = 1) => new(generation, $"test.{generation}", new SilentEvents());

    private sealed class SilentEvents : IAppServerEvents
    {
        public void OnNotification(AppServerSlot slot, RpcMessage message)
        {
            // Nothing runs in it.
        }

        public void OnServerRequest(AppServerSlot slot, RpcMessage message)
        {
            // Nothing runs in it.
        }

        public void OnNoise(AppServerSlot slot, string problem)
        {
            // Nothing runs in it.
        }

        public void OnEnded(AppServerSlot slot, ConnectionLoss loss)
        {
            // Nothing runs in it.
        }
    }
}

/// <summary>A client of the broker, with its other end in the test's hand.</summary>
internal sealed class TestClient : IAsyncDisposable
{
    private static int s_lastId;

    public TestClient(long capacity = 64 * 1024)
    {
        Pipe = new DuplexPipe(capacity);
        Connection = new ClientConnection(Interlocked.Increment(ref s_lastId), Pipe.Here);
        Side = new ScriptedSide(Pipe.There);
    }

    public DuplexPipe Pipe { get; }

    public ClientConnection Connection { get; }

    public ScriptedSide Side { get; }

    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}
