namespace CodexCompanion.Pipeline.Rpc;

/// <summary>The error member of a JSON-RPC reply.</summary>
/// <param name="Code">JSON-RPC code.</param>
/// <param name="Message">The other side's sentence.</param>
public sealed record RpcError(int Code, string Message)
{
    /// <summary>The line was not JSON.</summary>
    public const int ParseError = -32700;

    /// <summary>The request was not understood; also what the app-server answers to an unknown method.</summary>
    public const int InvalidRequest = -32600;

    /// <summary>Standard code of an unknown method.</summary>
    public const int MethodNotFound = -32601;

    /// <summary>The request met a fault of the server.</summary>
    public const int InternalError = -32603;

    /// <summary>The server is overloaded; the request never started and may be sent again.</summary>
    public const int Overloaded = -32001;

    /// <summary>Ours: the broker drains and takes no new work.</summary>
    public const int Draining = -32050;

    /// <summary>Ours: the broker's app-server ended while the request was pending.</summary>
    public const int AppServerLost = -32051;

    /// <summary>Ours: the thread belongs to another client of the broker.</summary>
    public const int ThreadInUse = -32052;

    /// <summary>
    /// Whether the server does not know the method. app-server answers -32600 "unknown variant" where the standard asks for -32601.
    /// </summary>
    public bool IsUnknownMethod =>
        Code == MethodNotFound || (Code == InvalidRequest && Message.Contains("unknown variant", StringComparison.Ordinal));
}

/// <summary>The other side answered a call with an error.</summary>
public sealed class RpcErrorException(string method, RpcError error) : Exception(error.Message)
{
    /// <summary>The method that was called.</summary>
    public string Method { get; } = method;

    /// <summary>The answer.</summary>
    public RpcError Error { get; } = error;
}

/// <summary>The other side did not answer a call within its time limit; the connection may still be good.</summary>
public sealed class RpcTimeoutException(string method, TimeSpan limit)
    : TimeoutException($"'{method}' was not answered within {limit.TotalSeconds:0.#} s.")
{
    /// <summary>The method that was called.</summary>
    public string Method { get; } = method;
}
