using System.Text.Json.Nodes;

namespace CodexCompanion.Tool.Selftest.Simulator.Wire;

/// <summary>A request is answered with an error.</summary>
internal sealed class RpcRefusalException(int code, string message, JsonObject? details = null) : Exception(message)
{
    /// <summary>What codex answers nearly every bad request with, unknown methods included.</summary>
    public const int InvalidRequest = -32600;

    /// <summary>A method that exists but cannot do what was asked.</summary>
    public const int NotSupported = -32601;

    /// <summary>Parameters out of bounds.</summary>
    public const int InvalidParameters = -32602;

    /// <summary>The server's own failure.</summary>
    public const int InternalError = -32603;

    /// <summary>Back off and try again.</summary>
    public const int Overloaded = -32001;

    public RpcRefusalException(string message)
        : this(InvalidRequest, message)
    {
    }

    /// <summary>The error member of the answer.</summary>
    public JsonObject ToJson()
    {
        var error = new JsonObject { ["code"] = code };
        if (details is not null)
            error["data"] = details.DeepClone();
        error["message"] = Message;
        return error;
    }
}
