using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>A Claude session's hold on a broker.</summary>
public static class SessionLease
{
    private static readonly byte[] LineEnd = "\n"u8.ToArray();

    /// <summary>
    /// Gives it up, without waiting for an answer: greeting and message are left in the socket, where a broker that is busy, stopped or mute
    /// finds them when it looks. One that is gone needs no telling.
    /// </summary>
    /// <param name="endpoint">Where the broker listens.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="limit">What connecting and writing may take.</param>
    public static async Task ReleaseAsync(string endpoint, string sessionId, TimeSpan limit)
    {
        if (await BrokerEndpoint.ConnectAsync(endpoint, limit) is not EndpointConnection.Open { Stream: var stream })
            return;
        await using (stream)
        {
            // Registers no session, and is no client that a broker would stay for.
            var hello = BrokerJson.HelloParams.ToBytes(new HelloParams("release", BrokerProtocol.Version));
            var release = BrokerJson.SessionParams.ToBytes(new SessionParams(sessionId));
            byte[] lines =
            [
                .. RpcMembers.Compose("1"u8, BrokerProtocol.Hello, "params"u8, hello.Span), .. LineEnd,
                .. RpcMembers.Compose("2"u8, BrokerProtocol.ReleaseSession, "params"u8, release.Span), .. LineEnd,
            ];
            using var timeout = new CancellationTokenSource(limit);
            try
            {
                await stream.WriteAsync(lines, timeout.Token);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // It hung up, or takes nothing in: its idle limit sees to the rest.
            }
        }
    }
}
