using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace CodexCompanion.Tool.Selftest.Simulator.Methods;

/// <summary>
/// Taking over another agent's sessions: a thread id each, kept in the same file as codex keeps it, so that a second import of the same
/// transcript brings nothing. No thread is made of it. A transcript is only seen below <c>~/.claude/projects</c>, as codex sees it.
/// </summary>
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

    private JsonNode Result(JsonObject item)
    {
        var type = item["itemType"]?.GetValue<string>() ?? "";
        var (successes, failures) = (new JsonArray(), new JsonArray());
        foreach (var session in (item["details"]?["sessions"] as JsonArray ?? []).OfType<JsonObject>())
            Import(type, session, successes, failures);
        return new JsonObject { ["itemType"] = type, ["successes"] = successes, ["failures"] = failures };
    }

    private void Import(string type, JsonObject session, JsonArray successes, JsonArray failures)
    {
        var path = session["path"]?.GetValue<string>() ?? "";
        if (!IsSeen(path))
        {
            var failure = new JsonObject
            {
                ["itemType"] = type,
                ["errorType"] = null,
                ["failureStage"] = "session_missing",
                ["message"] = $"external agent session was not detected for import: {path}",
                ["cwd"] = null,
                ["source"] = path,
            };
            if (server.Dialect.IsModern)
                failure["subErrorType"] = "session_not_detected";
            failures.Add((JsonNode)failure);
            return;
        }

        var records = ReadRecords();
        var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
        var list = (JsonArray)records["records"]!;
        if (list.Any(record => record?["source_path"]?.GetValue<string>() == path && record["content_sha256"]?.GetValue<string>() == hash))
            return; // Nothing is new: neither a success nor a failure.

        // 0.169 goes on with the thread of an earlier import, 0.142 makes a new one.
        var earlier = server.Dialect.IsModern ? list.OfType<JsonObject>().FirstOrDefault(record => record["source_path"]?.GetValue<string>() == path) : null;
        var thread = earlier?["imported_thread_id"]?.GetValue<string>() ?? server.NewId();
        if (earlier is not null)
            list.Remove(earlier);
        list.Add((JsonNode)new JsonObject
        {
            ["source_path"] = path,
            ["content_sha256"] = hash,
            ["imported_thread_id"] = thread,
            ["imported_at"] = server.NowMs / 1000,
        });
        File.WriteAllText(server.Home.ImportsFile, records.ToJsonString());
        successes.Add((JsonNode)new JsonObject
        {
            ["itemType"] = type,
            ["cwd"] = session["cwd"]?.DeepClone(),
            ["source"] = path,
            ["target"] = thread,
        });
    }

    private static bool IsSeen(string path) =>
        Environment.GetEnvironmentVariable(OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME") is { Length: > 0 } home
        && path.StartsWith(Path.Combine(home, ".claude", "projects") + Path.DirectorySeparatorChar, StringComparison.Ordinal)
        && File.Exists(path);

    private JsonObject ReadRecords() => File.Exists(server.Home.ImportsFile)
        ? JsonNode.Parse(File.ReadAllText(server.Home.ImportsFile))!.AsObject()
        : new JsonObject { ["records"] = new JsonArray() };
}
