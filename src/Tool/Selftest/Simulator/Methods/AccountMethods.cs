using System.Text.Json.Nodes;
using CodexCompanion.Tool.Selftest.Simulator.Script;
using CodexCompanion.Tool.Selftest.Simulator.Shapes;
using CodexCompanion.Tool.Selftest.Simulator.Wire;

namespace CodexCompanion.Tool.Selftest.Simulator.Methods;

/// <summary>The account, the models and the configuration.</summary>
internal sealed class AccountMethods(ServerContext server)
{
    private static readonly string[] Models = ["simulated-model", "simulated-mini"];

    public Answer Read() => new(AccountShapes.Account(server.Dialect, server.Script.Account));

    public Answer ReadRateLimits()
    {
        if (server.Script.Account is not SimulatedAccount.Chatgpt)
            throw new RpcRefusalException("codex account authentication required to read rate limits");
        var resetsAt = (server.NowMs / 1000) + (5 * 60 * 60);
        var window = new JsonObject { ["usedPercent"] = 12, ["windowDurationMins"] = 300, ["resetsAt"] = resetsAt };
        var answer = new JsonObject { ["rateLimits"] = AccountShapes.RateLimits(server.Dialect, window), ["rateLimitsByLimitId"] = null };
        if (server.Dialect.IsModern)
        {
            foreach (var unset in (string[])["ordinaryUsageAllowed", "rateLimitResetCredits", "accountId", "rateLimitUpsell"])
                answer[unset] = null;
        }

        return new Answer(answer);
    }

    public Answer ReadConfig() => new(new JsonObject
    {
        ["config"] = new JsonObject
        {
            ["model"] = Models[0],
            ["model_provider"] = ThreadShapes.Provider,
            ["approval_policy"] = null,
            ["sandbox_mode"] = null,
        },
        ["origins"] = new JsonObject(),
        ["layers"] = null,
    });

    public Answer ReadRequirements()
    {
        var answer = new JsonObject { ["requirements"] = null };
        if (server.Dialect.IsModern)
            answer["supportsIndependentSpeedModes"] = true;
        return new Answer(answer);
    }

    public Answer ListModels(JsonObject message)
    {
        var parameters = new Parameters(message["params"] as JsonObject ?? []);
        var skip = int.TryParse(parameters.OptionalText("cursor"), out var cursor) ? cursor : 0;
        var limit = parameters.Number("limit") ?? Models.Length;
        return new Answer(new JsonObject
        {
            ["data"] = new JsonArray([.. Models.Skip(skip).Take(limit).Select(m => (JsonNode)Model(m))]),
            ["nextCursor"] = skip + limit < Models.Length ? (skip + limit).ToString() : null,
        });
    }

    private static JsonObject Model(string name) => new()
    {
        ["id"] = name,
        ["model"] = name,
        ["displayName"] = name,
        ["description"] = "A model that is not there.",
        ["hidden"] = false,
        ["supportedReasoningEfforts"] = new JsonArray([.. new[] { "low", "medium", "high" }.Select(Effort)]),
        ["defaultReasoningEffort"] = "medium",
        ["isDefault"] = ReferenceEquals(name, Models[0]),
    };

    private static JsonNode Effort(string name) =>
        new JsonObject { ["reasoningEffort"] = name, ["description"] = $"Simulated, with {name} effort." };
}
