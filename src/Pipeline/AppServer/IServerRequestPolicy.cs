using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>Answers what an app-server asks (approvals, questions, tokens) when there is nobody else to ask.</summary>
public interface IServerRequestPolicy
{
    /// <summary>The answer to a request. Never waits: the turn does.</summary>
    ServerRequestAnswer Answer(RpcMessage request);
}

/// <summary>An answer to a request of the app-server.</summary>
/// <param name="Result">The result, as JSON; empty when the answer is an error.</param>
/// <param name="Error">The error; null when there is a result.</param>
/// <param name="Sentence">What was answered, for a person.</param>
public sealed record ServerRequestAnswer(ReadOnlyMemory<byte> Result, RpcError? Error, string Sentence);
