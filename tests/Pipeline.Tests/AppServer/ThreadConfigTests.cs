using System.Text.Json;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Turns;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.AppServer;

/// <summary>What a thread's commands see of their caller's environment, and the user's overrides.</summary>
public sealed class ThreadConfigTests
{
    private static readonly Dictionary<string, string> Caller = new(StringComparer.Ordinal)
    {
        ["PATH"] = "/caller/bin",
        ["HOME"] = "/home/caller",
        ["APP_MODE"] = "caller",
        ["API_TOKEN"] = "caller-token",
        ["ODD.NAME-1 %"] = "odd",
        ["CODEX_COMPANION_INSTANCE"] = "of-another-server",
        ["CODEX_COMPANION_JOB"] = "of-another-job",
    };

    [Fact]
    public void Commands_see_their_callers_environment_and_the_mark_of_their_job()
    {
        var set = Set(Write(Request()));
        Assert.Equal("/caller/bin", set["PATH"]);
        Assert.Equal("caller-token", set["API_TOKEN"]);
        Assert.Equal("odd", set["ODD.NAME-1 %"]);
        Assert.Equal("task-1", set["CODEX_COMPANION_JOB"]);
        Assert.DoesNotContain("CODEX_COMPANION_INSTANCE", set.Keys);
    }

    [Fact]
    public void The_users_own_variables_win_over_inherited_ones_but_not_over_the_mark()
    {
        var set = Set(Write(Request(), """{"set":{"APP_MODE":"user","CODEX_COMPANION_JOB":"user"}}"""));
        Assert.DoesNotContain("APP_MODE", set.Keys);
        Assert.Equal("task-1", set["CODEX_COMPANION_JOB"]);
    }

    [Theory]
    [InlineData("""{"inherit":"none"}""", new string[0])]
    [InlineData("""{"inherit":"core"}""", new[] { "HOME", "PATH" })]
    [InlineData("""{"exclude":["api_*","ODD*"]}""", new[] { "APP_MODE", "HOME", "PATH" })]
    [InlineData("""{"ignore_default_excludes":false}""", new[] { "APP_MODE", "HOME", "ODD.NAME-1 %", "PATH" })]
    [InlineData("""{"ignore_default_excludes":null,"inherit":null,"exclude":null,"set":null}""", new[] { "API_TOKEN", "APP_MODE", "HOME", "ODD.NAME-1 %", "PATH" })]
    public void The_users_policy_applies_to_what_is_inherited(string policy, string[] names)
    {
        var set = Set(Write(Request(), policy));
        Assert.Equal([.. names, "CODEX_COMPANION_JOB"], set.Keys.Order(StringComparer.Ordinal).Except(["CODEX_COMPANION_JOB"]).Append("CODEX_COMPANION_JOB"));
    }

    [Fact]
    public void A_list_of_the_only_names_that_may_stay_keeps_the_mark()
    {
        var config = Write(Request(), """{"include_only":["PATH"]}""");
        Assert.Equal(
            ["PATH", "CODEX_COMPANION_JOB"], config.GetProperty("shell_environment_policy.include_only").EnumerateArray().Select(e => e.GetString()));
        Assert.False(Write(Request()).TryGetProperty("shell_environment_policy.include_only", out _));
    }

    [Fact]
    public void Overrides_go_in_as_they_are()
    {
        var config = Write(Request(("model_verbosity", "\"low\""), ("tools.web_search", "true"), ("mcp_servers", """{"a":{"command":"b"}}""")));
        Assert.Equal("low", config.GetProperty("model_verbosity").GetString());
        Assert.True(config.GetProperty("tools.web_search").GetBoolean());
        Assert.Equal("b", config.GetProperty("mcp_servers").GetProperty("a").GetProperty("command").GetString());
    }

    [Theory]
    [InlineData("shell_environment_policy.set.APP_MODE", "\"over\"")]
    [InlineData("shell_environment_policy.set", """{"APP_MODE":"over"}""")]
    [InlineData("shell_environment_policy", """{"set":{"APP_MODE":"over"}}""")]
    public void Overridden_variables_win_and_share_one_map_with_ours(string key, string value)
    {
        var config = Write(Request((key, value)), """{"set":{"APP_MODE":"user"}}""");
        Assert.Equal("over", Set(config)["APP_MODE"]);
        Assert.Equal(["shell_environment_policy.set"], config.EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public void An_overridden_policy_applies_to_what_is_inherited()
    {
        var config = Write(Request(("shell_environment_policy.inherit", "\"none\"")), """{"inherit":"all"}""");
        Assert.Equal(["CODEX_COMPANION_JOB"], Set(config).Keys);
        Assert.Equal("none", config.GetProperty("shell_environment_policy.inherit").GetString());
    }

    [Fact]
    public void An_overridden_table_keeps_its_other_members()
    {
        var config = Write(Request(("shell_environment_policy", """{"exclude":["APP_*"],"set":{"X":"1"}}""")));
        Assert.DoesNotContain("APP_MODE", Set(config).Keys);
        Assert.Equal("1", Set(config)["X"]);
        Assert.Equal("APP_*", config.GetProperty("shell_environment_policy.exclude")[0].GetString());
    }

    private static TurnRequest Request(params (string Key, string Value)[] config) => new()
    {
        JobId = "task-1",
        Cwd = "/w",
        Prompt = "p",
        ClientMessageId = "cm",
        Environment = Caller,
        Config = config.ToDictionary(c => c.Key, c => JsonDocument.Parse(c.Value).RootElement, StringComparer.Ordinal),
    };

    private static JsonElement Write(TurnRequest request, string? policy = null)
    {
        var resolved = policy is null ? default : JsonDocument.Parse($$"""{"shell_environment_policy":{{policy}} }""").RootElement;
        return RpcMessage.ToElement(AppServerCalls.ThreadStart(request, ThreadConfig.For(request, resolved))).GetProperty("config");
    }

    private static Dictionary<string, string?> Set(JsonElement config) => config.GetProperty("shell_environment_policy.set")
        .EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString(), StringComparer.Ordinal);
}
