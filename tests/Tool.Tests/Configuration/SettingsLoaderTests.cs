using CodexCompanion.Pipeline;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.Tool.Configuration;
using Xunit;

namespace CodexCompanion.Tool.Tests.Configuration;

public sealed class SettingsLoaderTests : IDisposable
{
    private readonly ToolBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Without_any_file_the_defaults_hold()
    {
        var settings = Load();
        Assert.Equal(new Setting<string?>(null, Origin.Default), settings.Model);
        Assert.Equal(new Setting<SandboxMode>(SandboxMode.ReadOnly, Origin.Default), settings.Sandbox);
        Assert.Equal(new TimeLimits(), settings.Limits);
        Assert.Equal("gpt-5.3-codex-spark", settings.ResolveModel("spark"));
        Assert.Equal("gpt-5.2", settings.ResolveModel("gpt-5.2"));
        Assert.Null(settings.ResolveModel(null));
    }

    [Fact]
    public void The_environment_wins_over_the_project_and_the_project_over_the_user()
    {
        _bench.WriteUserConfig("""{"model":"user","effort":"low","review":{"scope":"branch"},"limits":{"idle":"1m","stall":10}}""");
        Assert.Equal(new Setting<string?>("user", Origin.User), Load().Model);

        _bench.WriteFile(".codex-companion.json", """{"model":"project","limits":{"stall":"20s","time":"1h"}}""");
        Assert.Equal(new Setting<string?>("project", Origin.Project), Load().Model);
        Assert.Equal(new Setting<string?>("low", Origin.User), Load().Effort);

        _bench.Variables["CODEX_COMPANION_MODEL"] = "environment";
        _bench.Variables["CODEX_COMPANION_TIME_LIMIT"] = "30s";
        _bench.Variables["CODEX_COMPANION_EFFORT"] = "";
        var settings = Load();
        Assert.Equal(new Setting<string?>("environment", Origin.Environment), settings.Model);
        Assert.Equal(new Setting<string?>("low", Origin.User), settings.Effort);
        Assert.Equal(new Setting<string>("branch", Origin.User), settings.ReviewScope);
        Assert.Equal(TimeSpan.FromMinutes(1), settings.Limits.Idle);
        Assert.Equal(TimeSpan.FromSeconds(20), settings.Limits.Stall);
        Assert.Equal(TimeSpan.FromSeconds(30), settings.Limits.Turn);
        Assert.Equal(new Setting<string>("30s", Origin.Environment), settings.LimitTexts["time"]);
    }

    [Fact]
    public void The_user_may_set_everything()
    {
        _bench.WriteUserConfig(
            """
            {
              "sandbox": "workspace-write", "codexPath": "/opt/codex", "noBroker": true,
              "aliases": {"fast": "gpt-fast"}, "codexConfig": {"model_verbosity": "low", "a.b": [1]},
              "serverRequests": {"commands": "accept", "permissions": "decline", "elicitations": "decline"}
            }
            """);
        var settings = Load();
        Assert.Equal(SandboxMode.WorkspaceWrite, settings.Sandbox.Value);
        Assert.Equal("/opt/codex", settings.CodexPath.Value);
        Assert.True(settings.NoBroker.Value);
        Assert.Equal("gpt-fast", settings.ResolveModel("fast"));
        Assert.Equal("gpt-5.3-codex-spark", settings.ResolveModel("spark"));
        Assert.Equal("[1]", settings.CodexConfig["a.b"].Value.GetRawText());
        Assert.Equal(new ServerRequestRules { ApproveCommands = true, DeclineElicitations = true }, settings.ServerRequests);
    }

    [Theory]
    [InlineData("codexPath", "\"/evil\"")]
    [InlineData("codexPath", "7")]
    [InlineData("sandbox", "\"danger-full-access\"")]
    [InlineData("noBroker", "true")]
    [InlineData("serverRequests", "{\"commands\": \"accept\"}")]
    [InlineData("aliases", "{\"gpt-5.2\": \"other\"}")]
    [InlineData("codexConfig", "{\"approval_policy\": \"never\"}")]
    public void A_project_may_not_set_what_decides_what_is_run(string key, string value)
    {
        var file = _bench.WriteFile(".codex-companion.json", $"{{\n\"{key}\": {value}}}");
        var message = Error();
        Assert.StartsWith($"{file}:2: a project's file may not set \"{key}", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"modle\":\"a\"}", ":1: unknown key \"modle\"; did you mean \"model\"?")]
    [InlineData("{\"limits\":{\"stal\":1}}", ":1: unknown key \"limits.stal\"; did you mean \"limits.stall\"?")]
    [InlineData("{\"frobnicate\":1}", ":1: unknown key \"frobnicate\"")]
    [InlineData("{\"model\":1}", ":1: \"model\" must be the name of a model.")]
    [InlineData("{\"model\":\" \"}", ":1: \"model\" must be the name of a model.")]
    [InlineData("{\"serverRequests\":{\"commands\":true}}", ":1: \"serverRequests.commands\" must be decline or accept.")]
    [InlineData("{\"serverRequests\":{\"elicitations\":\"accept\"}}", ":1: \"serverRequests.elicitations\" must be cancel or decline.")]
    [InlineData("{\"serverRequests\":{\"command\":\"accept\"}}", ":1: unknown key \"serverRequests.command\"; did you mean \"serverRequests.commands\"?")]
    [InlineData("{\"limits\":3}", ":1: \"limits\" must be an object.")]
    [InlineData("{\"limits\":{\"idle\":\"soon\"}}", ":1: \"limits.idle\" must be a time like 90s, 15m or 1h.")]
    [InlineData("{\"sandbox\":\"none\"}", ":1: \"sandbox\" must be read-only, workspace-write or danger-full-access.")]
    [InlineData("{\"noBroker\":\"yes\"}", ":1: \"noBroker\" must be true or false.")]
    [InlineData("{\"codexPath\":\"codex\"}", ":1: \"codexPath\" must be an absolute path.")]
    [InlineData("{\"review\":{\"scope\":\"all\"}}", ":1: \"review.scope\" must be auto, working-tree or branch.")]
    public void A_mistake_is_told_with_file_and_line(string content, string message)
    {
        var file = _bench.WriteUserConfig(content);
        Assert.Equal(file + message, Error());
    }

    [Theory]
    [InlineData("CODEX_COMPANION_SANDBOX", "full", "CODEX_COMPANION_SANDBOX must be read-only, workspace-write or danger-full-access.")]
    [InlineData("CODEX_COMPANION_NO_BROKER", "perhaps", "CODEX_COMPANION_NO_BROKER must be true or false.")]
    [InlineData("CODEX_COMPANION_BROKER_START_LIMIT", "x", "CODEX_COMPANION_BROKER_START_LIMIT must be a time like 90s, 15m or 1h.")]
    public void A_mistake_in_a_variable_names_the_variable(string variable, string value, string message)
    {
        _bench.Variables[variable] = value;
        Assert.Equal(message, Error());
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("TRUE", true)]
    [InlineData("0", false)]
    [InlineData("off", false)]
    public void A_variable_says_yes_and_no_in_several_words(string value, bool expected)
    {
        _bench.Variables["CODEX_COMPANION_NO_BROKER"] = value;
        Assert.Equal(expected, Load().NoBroker.Value);
    }

    [Fact]
    public void Every_time_limit_can_be_set_each_on_its_own()
    {
        var names = LimitKeys.All.Select(limit => limit.Name).ToList();
        Assert.Equal(typeof(TimeLimits).GetProperties().Length, names.Count);
        var changed = names.Select(name => LimitKeys.All.First(limit => limit.Name == name).Set(new TimeLimits(), TimeSpan.FromTicks(7))).ToList();
        Assert.Equal(names.Count, changed.Distinct().Count());
        Assert.DoesNotContain(new TimeLimits(), changed);
    }

    [Fact]
    public void The_project_s_file_lies_at_the_workspace_root()
    {
        var below = Directory.CreateDirectory(Path.Combine(_bench.Work, "src")).FullName;
        File.WriteAllText(Path.Combine(below, ".codex-companion.json"), """{"model":"below"}""");
        Assert.Null(Load().Model.Value);
    }

    private Settings Load()
    {
        var loaded = SettingsLoader.Load(_bench.Work, _bench.Variables);
        Assert.Null(loaded.Error);
        return loaded.Value!;
    }

    private string Error() => SettingsLoader.Load(_bench.Work, _bench.Variables).Error!.Message;
}
