using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>What to answer to a request of the server.</summary>
/// <param name="Result">The result; empty when the answer is an error.</param>
/// <param name="Error">The error; null when the answer is a result.</param>
/// <param name="Sentence">What was asked and answered, for the log.</param>
public sealed record ServerRequestAnswer(ReadOnlyMemory<byte> Result, RpcError? Error, string Sentence);

/// <summary>Answers the server's requests where there is no one to ask: an unanswered one would hold its turn for ever.</summary>
public interface IServerRequestPolicy
{
    /// <summary>The answer to a request. Quick: called on the read loop.</summary>
    ServerRequestAnswer Answer(RpcMessage request);
}
