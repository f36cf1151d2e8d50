using System.Text.Json;
using System.Text.Json.Nodes;
using CodexCompanion.EndToEnd.Tests.Codex;
using CodexCompanion.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace CodexCompanion.EndToEnd.Tests.Tool;

/// <summary>Doctor after real damage: brokers and app-servers of a real codex that were killed.</summary>
public sealed class DoctorTests(ITestOutputHelper output) : ToolTests(output)
{
    // All but orphan-processes and legacy-state: other tests kill brokers on this machine at the same time.
    private static readonly string[] Checks =
    [
        "state-directory", "permissions", "stuck-locks", "leftover-files", "broker-record", "stale-sockets", "broker-process", "job-files", "jobs-index",
        "settings", "session-env", "node-plugin", "codex-install", "codex-login", "sandbox-support",
    ];

    [RealCodexFact]
    public async Task A_healthy_workspace_with_a_living_broker_is_left_alone_and_its_report_fits_the_schema()
    {
        var user = await UseAsync(CodexInstall.Newest);
        await user.TaskAsync("say hello");
        var broker = await user.BrokerAsync();
        var report = await DoctorAsync(user, expected: 0, "--force");
        Assert.All(report["checks"]!.AsArray(), check => Assert.True(Status(check!) is "ok" or "skipped" || Id(check!) is "sandbox-support", check!.ToJsonString()));
        Assert.Contains("answers", Message(report, "broker-process"), StringComparison.Ordinal);
        Assert.Equal(broker.InstanceId, (await user.BrokerAsync()).InstanceId);
        Assert.Empty(await ProblemsOfAsync(user, report));
    }

    [RealCodexFact]
    public async Task What_a_killed_broker_left_is_found_cleared_away_and_not_found_again()
    {
        var user = await UseAsync(CodexInstall.Newest);
        await user.TaskAsync("say hello");
        var broker = await user.BrokerAsync();
        Signals.Send(broker.Pid, Signal.Kill);
        await Eventually.TrueAsync(() => user.AppServers().Count == 0, "the app-server has ended with its broker");

        var dry = await DoctorAsync(user, expected: 1, "--dry-run");
        Assert.Equal("problem", Status(dry, "broker-record"));
        Assert.Equal("problem", Status(dry, "stale-sockets"));
        Assert.Empty(await ProblemsOfAsync(user, dry));
        var report = await DoctorAsync(user, expected: 0);
        Assert.Equal("repaired", Status(report, "broker-record"));
        Assert.Equal("repaired", Status(report, "stale-sockets"));
        Assert.Empty(await ProblemsOfAsync(user, report));
        var again = await DoctorAsync(user, expected: 0);
        Assert.All(again["checks"]!.AsArray(), check => Assert.True(check!["findings"]!.AsArray().Count == 0 || Id(check) is "sandbox-support", check.ToJsonString()));
        await user.TaskAsync("say hello");
    }

    [RealCodexFact]
    public async Task A_broker_that_was_stopped_is_ended_by_force_only_and_its_app_server_with_it()
    {
        var user = await UseAsync(CodexInstall.Newest);
        await user.TaskAsync("say hello");
        var broker = await user.BrokerAsync();
        Signals.Send(broker.Pid, Signal.Stop);
        var report = await DoctorAsync(user, expected: 1, "--check", "broker-process");
        Assert.Equal("risky", report["checks"]![0]!["repair"]!["kind"]!.GetValue<string>());
        Assert.Single(user.AppServers());

        report = await DoctorAsync(user, expected: 0, "--force");
        Assert.Equal("repaired", Status(report, "broker-process"));
        Assert.Empty(user.AppServers());
        await user.TaskAsync("say hello");
    }

    private static async Task<JsonObject> DoctorAsync(ToolUser user, int expected, params string[] options)
    {
        string[] checks = options.Contains("--check") ? [] : [.. Checks.SelectMany(check => (string[])["--check", check])];
        var run = await user.RunAsync(["doctor", "--json", .. options, .. checks]);
        Assert.True(run.ExitCode == expected, run.ToString());
        return JsonNode.Parse(run.Output)!.AsObject();
    }

    private static async Task<string[]> ProblemsOfAsync(ToolUser user, JsonObject report)
    {
        var job = new JsonObject
        {
            ["ajv"] = await Npm.CachedPackageAsync("ajv"),
            ["schemas"] = Path.Combine(AppContext.BaseDirectory, "docs"),
            ["checks"] = new JsonArray(new JsonObject { ["file"] = "doctor.schema.json", ["message"] = report.DeepClone() }),
        };
        await using var node = RunningProgram.Start("/usr/bin/env", ["node", Path.Combine(AppContext.BaseDirectory, "Protocol", "validate.cjs")], Npm.Environ(), user.Home.Temp, job.ToJsonString());
        var run = await node.EndAsync();
        Assert.True(run.ExitCode == 0, run.ToString());
        return JsonSerializer.Deserialize<string[]>(run.Output)!;
    }

    private static string Id(JsonNode check) => check["id"]!.GetValue<string>();

    private static string Status(JsonNode check) => check["status"]!.GetValue<string>();

    private static string Status(JsonObject report, string id) => Status(report["checks"]!.AsArray().Single(check => Id(check!) == id)!);

    private static string Message(JsonObject report, string id) => report["checks"]!.AsArray().Single(check => Id(check!) == id)!["message"]!.GetValue<string>();
}
