using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>One app-server of the broker, from start to end, and the receiver of what it says.</summary>
internal sealed class AppServerSlot(int generation, string marker, IAppServerEvents events) : IRpcReceiver
{
    private AppServerProcess? _server;

    /// <summary>1 for the broker's first app-server, one more for each successor.</summary>
    public int Generation { get; } = generation;

    /// <summary>Value of <c>CODEX_COMPANION_INSTANCE</c> in the environment of the app-server and of all it starts.</summary>
    public string Marker { get; } = marker;

    /// <summary>The process, once started.</summary>
    public AppServerProcess Server
    {
        get => _server ?? throw new InvalidOperationException("The app-server has not been started.");
        set => _server = value;
    }

    /// <summary>Set when a turn ignored its interrupt: no new work goes here, and it is replaced when its other turns have ended.</summary>
    public bool Tainted { get; set; }

    /// <summary>Whether a turn has ended here: it works, and its end is no sign that the next one will not.</summary>
    public bool HasServed { get; set; }

    public bool IsAlive => _server is { } server && !server.Peer.Ended.IsCompleted;

    public void OnNotification(RpcMessage message) => events.OnNotification(this, message);

    public void OnRequest(RpcMessage message) => events.OnServerRequest(this, message);

    public void OnNoise(string problem) => events.OnNoise(this, problem);
}

/// <summary>Hears what an app-server of the broker says by itself.</summary>
internal interface IAppServerEvents
{
    void OnNotification(AppServerSlot slot, RpcMessage message);

    void OnServerRequest(AppServerSlot slot, RpcMessage message);

    void OnNoise(AppServerSlot slot, string problem);

    /// <summary>It ended, for this cause; its turns ended with it.</summary>
    void OnEnded(AppServerSlot slot, ConnectionLoss loss);

    /// <summary>Its process, and what carried its mark, is gone too.</summary>
    Task OnGoneAsync(AppServerSlot slot);
}
