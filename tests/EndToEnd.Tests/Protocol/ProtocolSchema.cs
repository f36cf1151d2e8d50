using System.Text.Json;
using System.Text.Json.Nodes;
using CodexCompanion.EndToEnd.Tests.Codex;
using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.EndToEnd.Tests.Protocol;

/// <summary>The protocol's JSON schemas as a codex prints them, and the check of messages against them by ajv.</summary>
internal sealed class ProtocolSchema
{
    // The names of answers that do not follow from their method's.
    private static readonly Dictionary<string, string> AnswerNames = new(StringComparer.Ordinal)
    {
        ["thread/name/set"] = "ThreadSetName",
        ["account/read"] = "GetAccount",
        ["account/rateLimits/read"] = "GetAccountRateLimits",
    };

    private readonly string _folder;

    private ProtocolSchema(string folder) => _folder = folder;

    /// <summary>Has codex print its schemas into a folder of a private home.</summary>
    public static async Task<ProtocolSchema> OfAsync(CodexInstall codex, PrivateHome home)
    {
        var folder = Path.Combine(home.Temp, "schema");
        await using var program = RunningProgram.Start(codex.Native, ["app-server", "generate-json-schema", "--experimental", "--out", folder], home.Environ(), home.Workspace);
        var run = await program.EndAsync();
        Assert.True(run.ExitCode == 0, run.ToString());
        return new ProtocolSchema(folder);
    }

    /// <summary>What is wrong with the messages of a session, a sentence each.</summary>
    public async Task<IReadOnlyList<string>> ProblemsOfAsync(RawAppServer server)
    {
        var checks = new JsonArray();
        foreach (var message in server.Seen)
            checks.Add((JsonNode)Check(message["id"] is null ? "ServerNotification.json" : "ServerRequest.json", message, message["method"]!.GetValue<string>()));
        foreach (var (method, answer) in server.Answers)
            checks.Add((JsonNode)(answer["error"] is null ? Check(AnswerFile(method), answer["result"]!) : Check("JSONRPCError.json", answer)));

        var job = new JsonObject { ["ajv"] = await Npm.CachedPackageAsync("ajv"), ["schemas"] = _folder, ["checks"] = checks };
        await using var node = RunningProgram.Start("/usr/bin/env", ["node", Path.Combine(AppContext.BaseDirectory, "Protocol", "validate.cjs")], Npm.Environ(), _folder, job.ToJsonString());
        var run = await node.EndAsync();
        Assert.True(run.ExitCode == 0, run.ToString());
        return JsonSerializer.Deserialize<string[]>(run.Output)!;
    }

    private static JsonObject Check(string file, JsonNode message, string? method = null)
    {
        var check = new JsonObject { ["file"] = file, ["message"] = message.DeepClone() };
        if (method is not null)
            check["method"] = method;
        return check;
    }

    private static string AnswerFile(string method) =>
        (AnswerNames.GetValueOrDefault(method) ?? string.Concat(method.Split('/').Select(word => char.ToUpperInvariant(word[0]) + word[1..]))) + "Response.json";
}
