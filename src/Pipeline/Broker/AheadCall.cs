using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>A call that was sent before anybody asked for its answer, since it is known that somebody will make it.</summary>
internal sealed class AheadCall
{
    private readonly string _method;
    private readonly ReadOnlyMemory<byte> _parameters;

    private AheadCall(string method, ReadOnlyMemory<byte> parameters, Task<RpcReply> reply) =>
        (_method, _parameters, Reply) = (method, parameters, reply);

    /// <summary>Its answer, or why there is none.</summary>
    public Task<RpcReply> Reply { get; }

    /// <summary>Sends it.</summary>
    public static AheadCall Send(RpcPeer peer, string method, ReadOnlyMemory<byte> parameters, TimeSpan limit)
    {
        var reply = peer.CallAsync(method, parameters, limit);

        reply.Forget(); // Perhaps nobody ever asks.
        return new AheadCall(method, parameters, reply);
    }

    /// <summary>Whether it is this very call.</summary>
    public bool Is(string method, ReadOnlySpan<byte> parameters) => method == _method && parameters.SequenceEqual(_parameters.Span);
}
