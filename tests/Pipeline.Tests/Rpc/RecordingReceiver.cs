using System.Collections.Concurrent;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.Tests.Rpc;

/// <summary>Keeps what the other side says by itself; can be made to answer or to fail.</summary>
internal sealed class RecordingReceiver : IRpcReceiver
{
    public ConcurrentQueue<RpcMessage> Notifications { get; } = [];

    public ConcurrentQueue<string> Noise { get; } = [];

    public Action<RpcMessage> OnNotified { get; set; } = _ => { };

    public Action<RpcMessage> OnAsked { get; set; } = _ => { };

    public void OnNotification(RpcMessage message)
    {
        Notifications.Enqueue(message);
        OnNotified(message);
    }

    public void OnRequest(RpcMessage message) => OnAsked(message);

    public void OnNoise(string problem) => Noise.Enqueue(problem);
}
