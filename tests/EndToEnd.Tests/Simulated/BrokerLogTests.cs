using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.EndToEnd.Tests.Simulated;

/// <summary>What is secret stays out of everything the product writes.</summary>
public sealed class BrokerLogTests
{
    [LinuxFact]
    public async Task No_key_token_or_environment_of_anybody_reaches_a_log_or_a_record()
    {
        const string Canary = "canary-7f3a9c51";
        var secrets = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["OPENAI_API_KEY"] = "sk-" + Canary,
            ["CODEX_API_KEY"] = "sk-2-" + Canary,
            ["GITHUB_TOKEN"] = "ghp-" + Canary,
            ["HTTPS_PROXY"] = $"http://user:{Canary}@127.0.0.1:9",
            ["SOME_PASSWORD"] = Canary,
        };

        // It dies under the first turn with everything it knows on its lips.
        var script = $$"""{"faults":[{"name":"blurts","action":"exit","at":"thinking","times":1,"exitCode":9,"text":"auth failed: Bearer sk-{{Canary}} via http://user:{{Canary}}@127.0.0.1:9"}]}""";
        await using var user = new SimulatedUser(secrets, script: script);
        await File.WriteAllTextAsync(Path.Combine(user.Home.CodexHome, "auth.json"), $$$"""{"tokens":{"access_token":"{{{Canary}}}","account_id":"a"}}""");

        await user.TaskAsync("--verbose", "first");
        await user.TaskAsync("second");
        await user.RunAsync("broker", "status", "--json");

        var files = user.StateFiles();
        Assert.Contains(files, f => f.Key.EndsWith("broker.log", StringComparison.Ordinal) && f.Value.Contains("exited with code 9", StringComparison.Ordinal));
        Assert.All(files, f => Assert.DoesNotContain(Canary, f.Value, StringComparison.Ordinal));
    }
}
