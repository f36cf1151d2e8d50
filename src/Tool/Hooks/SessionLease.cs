using CodexCompanion.Pipeline;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Tool.Hooks;

/// <summary>A Claude session's hold on a broker.</summary>
internal static class SessionLease
{
    /// <summary>Gives it up. A broker that is gone, mute or of another mind is none of a hook's business.</summary>
    /// <param name="endpoint">Where the broker listens.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="limit">What each step may take; the caller leaves when the time is up.</param>
    public static async Task ReleaseAsync(string endpoint, string sessionId, TimeSpan limit)
    {
        var limits = new TimeLimits { Connect = limit, Handshake = limit };
        var policy = new ServerRequestPolicy(TimeProvider.System);
        if (await BrokerConnection.OpenAsync(endpoint, jobId: null, sessionId: null, limits, policy) is not BrokerReach.Answered { Connection: var broker })
            return;
        try
        {
            await broker.Peer.CallAsync(
                BrokerProtocol.ReleaseSession, RpcJson.Write(new SessionParams(sessionId), BrokerJson.Default.SessionParams), limit);
        }
        catch (Exception e) when (e is RpcTimeoutException or ConnectionLostException)
        {
            // It was told. Its idle limit sees to the rest.
        }
        finally
        {
            await broker.DisposeAsync();
        }
    }
}
