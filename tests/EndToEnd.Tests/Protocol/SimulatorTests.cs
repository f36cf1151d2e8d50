using System.Text.Json.Nodes;
using CodexCompanion.EndToEnd.Tests.Codex;
using CodexCompanion.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace CodexCompanion.EndToEnd.Tests.Protocol;

/// <summary>The built-in simulated app-server speaks as the real one does: by codex's own schema, and in the same order.</summary>
public sealed class SimulatorTests(ITestOutputHelper output)
{
    // What is asked besides turns; each is answered by both servers, with a result or with an error.
    private static readonly (string Method, string Parameters)[] Calls =
    [
        ("account/read", """{"refreshToken":false}"""),
        ("account/rateLimits/read", "{}"),
        ("config/read", """{"includeLayers":false}"""),
        ("configRequirements/read", "{}"),
        ("model/list", "{}"),
        ("thread/list", """{"limit":10}"""),
        ("thread/loaded/list", "{}"),
        ("thread/read", """{"threadId":"THREAD","includeTurns":true}"""),
        ("thread/name/set", """{"threadId":"THREAD","name":"a name"}"""),
        ("thread/archive", """{"threadId":"THREAD"}"""),
        ("thread/unarchive", """{"threadId":"THREAD"}"""),
        ("thread/resume", """{"threadId":"THREAD"}"""),
        ("thread/unsubscribe", """{"threadId":"THREAD"}"""),
        ("turn/interrupt", """{"threadId":"THREAD","turnId":"01900000-0000-7000-8000-000000000000"}"""),
        ("externalAgentConfig/import", """{"migrationItems":[{"itemType":"SESSIONS","description":"one","cwd":null,"details":{"plugins":[],"skills":[],"sessions":[{"path":"/no/such/session.jsonl","cwd":"/tmp","title":null}],"mcpServers":[],"hooks":[],"subagents":[],"commands":[]}}]}"""),
        ("thread/delete", """{"threadId":"THREAD"}"""),
        ("no/such/method", "{}"),
    ];

    [RealCodexTheory, BothVersions]
    public async Task The_real_server_and_the_simulated_one_both_follow_the_schema_codex_prints(string version)
    {
        var codex = await CodexInstall.OfAsync(version);
        await using var home = PrivateHome.Create();
        var schema = await ProtocolSchema.OfAsync(codex, home);

        await using (var real = await RawAppServer.StartAsync(codex.Native, home.Environ(), home.Workspace))
            Assert.Empty(await ProblemsAsync(schema, real, home, await WritingSandbox.ModeAsync(codex)));
        await using (var simulated = await StartSimulatedAsync(codex, home))
        {
            await simulated.RunTurnAsync(await simulated.StartThreadAsync(home.Workspace), "sim: reasoning \"thinking\"\nsim: ask-approval true\nsim: elicit\nsim: subagent before \"below\"\nsim: reply \"all of it\"");
            Assert.Empty(await ProblemsAsync(schema, simulated, home, "workspace-write"));
        }
    }

    [RealCodexTheory, BothVersions]
    public async Task A_message_that_breaks_the_schema_is_found(string version)
    {
        var codex = await CodexInstall.OfAsync(version);
        await using var home = PrivateHome.Create();
        var schema = await ProtocolSchema.OfAsync(codex, home);
        await using var real = await RawAppServer.StartAsync(codex.Native, home.Environ(), home.Workspace);
        await real.RunTurnAsync(await real.StartThreadAsync(home.Workspace), "hello");

        real.Seen.Last(message => RawAppServer.Is(message, "turn/completed"))["params"]!["turn"]!["status"] = "done";
        real.Seen.First(message => RawAppServer.Is(message, "turn/started"))["params"]!.AsObject().Remove("threadId");
        real.Answers.Single(answer => answer.Method is "turn/start").Answer["result"]!["turn"]!.AsObject().Remove("id");
        var problems = await schema.ProblemsOfAsync(real);

        Assert.Contains(problems, problem => problem.StartsWith("turn/completed: /params/turn/status", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("turn/started: /params", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("TurnStartResponse.json: /turn", StringComparison.Ordinal));
    }

    [RealCodexTheory, BothVersions]
    public async Task The_same_turns_send_the_same_events_in_the_same_order(string version)
    {
        var codex = await CodexInstall.OfAsync(version);
        await using var home = PrivateHome.Create();
        await using var real = await RawAppServer.StartAsync(codex.Native, home.Environ(), home.Workspace);
        await using var simulated = await StartSimulatedAsync(codex, home);
        var differences = new List<string>();

        foreach (var turn in ScriptedSession.Turns)
        {
            var expected = await ScriptedSession.OrderOfAsync(real, home.Workspace, await WritingSandbox.ModeAsync(codex), turn);
            File.Delete(home.InWorkspace("changed.txt"));
            var actual = await ScriptedSession.OrderOfAsync(simulated, home.Workspace, "workspace-write", turn);
            File.Delete(home.InWorkspace("changed.txt"));
            if (!expected.SequenceEqual(actual, StringComparer.Ordinal))
                differences.Add($"{turn}:\n  real:      {string.Join(", ", expected)}\n  simulated: {string.Join(", ", actual)}");
        }

        output.WriteLine(string.Join('\n', differences));
        Assert.Empty(differences);
    }

    private static async Task<IReadOnlyList<string>> ProblemsAsync(ProtocolSchema schema, RawAppServer server, PrivateHome home, string sandbox)
    {
        foreach (var turn in ScriptedSession.Turns)
        {
            await ScriptedSession.OrderOfAsync(server, home.Workspace, sandbox, turn);
            File.Delete(home.InWorkspace("changed.txt"));
        }

        var thread = await server.StartThreadAsync(home.Workspace);
        await server.RunTurnAsync(thread, "one for the calls");
        foreach (var (method, parameters) in Calls)
            await server.CallAsync(method, JsonNode.Parse(parameters.Replace("THREAD", thread, StringComparison.Ordinal))!.AsObject());
        return await schema.ProblemsOfAsync(server);
    }

    private static Task<RawAppServer> StartSimulatedAsync(CodexInstall codex, PrivateHome home)
    {
        var environment = home.Environ();
        environment["CODEX_HOME"] = Directory.CreateDirectory(Path.Combine(home.Root, "simulation")).FullName;
        File.WriteAllText(Path.Combine(environment["CODEX_HOME"], "simulation.json"), $$"""{"dialect":"{{(codex.Version.StartsWith("0.142.", StringComparison.Ordinal) ? "0.142" : "0.169")}}"}""");
        return RawAppServer.StartAsync(ToolUnderTest.Path, environment, home.Workspace);
    }
}
