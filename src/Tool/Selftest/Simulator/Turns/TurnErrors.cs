using System.Text.Json.Nodes;

namespace CodexCompanion.Tool.Selftest.Simulator.Turns;

/// <summary>The turn fails.</summary>
internal sealed class TurnFailedException(string message, JsonNode info) : Exception(message)
{
    /// <summary>The protocol's kind of error.</summary>
    public JsonNode Info { get; } = info;
}

/// <summary>The errors a turn can meet, by the names the <c>fail</c> directive uses.</summary>
internal static class TurnErrors
{
    /// <summary>An error of a kind; an unknown kind is "other".</summary>
    public static TurnFailedException Failure(string kind, string? message = null)
    {
        var (info, text) = Describe(kind);
        return new TurnFailedException(message ?? text, info);
    }

    /// <summary>The error of a connection to the model that is being made anew.</summary>
    public static JsonObject Retrying(Dialect dialect) =>
        Shape(dialect, "Reconnecting... 1/5", Http("responseStreamDisconnected", status: null), "The simulated stream broke off.");

    /// <summary>An error as the protocol shows it.</summary>
    public static JsonObject Shape(Dialect dialect, string message, JsonNode info, string? details = null)
    {
        var error = new JsonObject { ["message"] = message, ["codexErrorInfo"] = info.DeepClone(), ["additionalDetails"] = details };
        if (dialect.IsModern)
            error["misalignment"] = null;
        return error;
    }

    private static (JsonNode Info, string Message) Describe(string kind) => kind switch
    {
        "usage-limit" => ("usageLimitExceeded", "You've hit your usage limit. Try again later."),
        "server-overloaded" => ("serverOverloaded", "The model is at capacity. Try another one."),
        "unauthorized" => ("unauthorized", "unexpected status 401 Unauthorized: Missing bearer or basic authentication"),
        "bad-request" => ("badRequest", "The model refused the request."),
        "internal" => ("internalServerError", "The model is in high demand, which may cause passing errors."),
        "context-window" => ("contextWindowExceeded", "The conversation no longer fits into the model's context window."),
        "sandbox" => ("sandboxError", "The sandbox could not be set up."),
        "cyber-policy" => ("cyberPolicy", "The request was refused for reasons of policy."),
        "connection-failed" => (Http("httpConnectionFailed", status: null), "The model cannot be reached."),
        "stream-disconnected" => (Http("responseStreamDisconnected", status: null), "stream disconnected before completion"),
        "too-many-attempts" => (Http("responseTooManyFailedAttempts", 500), "exceeded retry limit, last status: 500 Internal Server Error"),
        _ => ("other", $"The simulated turn failed: {kind}"),
    };

    private static JsonObject Http(string kind, int? status) => new() { [kind] = new JsonObject { ["httpStatusCode"] = status } };
}
