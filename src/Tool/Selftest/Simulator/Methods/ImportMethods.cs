using System.Text.Json.Nodes;

namespace CodexCompanion.Tool.Selftest.Simulator.Methods;

/// <summary>Taking over another agent's configuration and sessions: accepted, reported as done, and forgotten.</summary>
internal sealed class ImportMethods(ServerContext server)
{
    public Answer Import(JsonObject message)
    {
        var items = Parameters.Of(message).List("migrationItems");
        var importId = server.NewId();
        var results = new JsonArray([.. items.OfType<JsonObject>().Select(Result)]);
        return new Answer(new JsonObject { ["importId"] = importId }, items.Count == 0 ? null : () => server.Channel.Notify(
            "externalAgentConfig/import/completed",
            new JsonObject { ["importId"] = importId, ["itemTypeResults"] = results }));
    }

    private static JsonNode Result(JsonObject item)
    {
        var type = item["itemType"]?.DeepClone();
        var sessions = item["details"]?["sessions"] as JsonArray ?? [];
        return new JsonObject
        {
            ["itemType"] = type,
            ["successes"] = new JsonArray([.. sessions.OfType<JsonObject>().Select(session => (JsonNode)new JsonObject
            {
                ["itemType"] = type?.DeepClone(),
                ["cwd"] = session["cwd"]?.DeepClone(),
                ["source"] = session["path"]?.DeepClone(),
                ["target"] = null,
            })]),
            ["failures"] = new JsonArray(),
        };
    }
}
