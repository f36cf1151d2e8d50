using System.Text.Json.Nodes;
using CodexCompanion.Tool.Selftest.Simulator.Script;

namespace CodexCompanion.Tool.Selftest.Simulator.Shapes;

/// <summary>The account and its limits as the protocol shows them.</summary>
internal static class AccountShapes
{
    /// <summary>The answer to <c>account/read</c>.</summary>
    public static JsonObject Account(Dialect dialect, SimulatedAccount account)
    {
        var answer = new JsonObject
        {
            ["account"] = account switch
            {
                SimulatedAccount.Chatgpt => Chatgpt(dialect),
                SimulatedAccount.ApiKey => new JsonObject { ["type"] = "apiKey" },
                _ => null,
            },
        };
        if (dialect.IsModern)
            answer["userId"] = null;
        answer["requiresOpenaiAuth"] = account is not SimulatedAccount.NotRequired;
        if (dialect.IsModern)
            answer["workspaceRouting"] = null;
        return answer;
    }

    /// <summary>How much of the limits is used.</summary>
    /// <param name="dialect">0.169 shows more.</param>
    /// <param name="window">The five-hour window, or null when nothing is known of it.</param>
    public static JsonObject RateLimits(Dialect dialect, JsonObject? window)
    {
        var limits = new JsonObject { ["limitId"] = "codex", ["limitName"] = null };
        if (dialect.IsModern)
            limits["normalModelSlug"] = null;
        limits["primary"] = window;
        limits["secondary"] = null;
        limits["credits"] = null;
        limits["individualLimit"] = null;
        if (dialect.IsModern)
            limits["spendControlReached"] = null;
        limits["planType"] = window is null ? null : "plus";
        limits["rateLimitReachedType"] = null;
        return limits;
    }

    private static JsonObject Chatgpt(Dialect dialect)
    {
        var account = new JsonObject { ["type"] = "chatgpt", ["email"] = "simulated@example.invalid", ["planType"] = "plus" };
        if (dialect.IsModern)
            account["workspaceName"] = null;
        return account;
    }
}
