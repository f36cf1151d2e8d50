using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Rpc;

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

        public Task OnGoneAsync(AppServerSlot slot) => Task.CompletedTask;
    }
}
