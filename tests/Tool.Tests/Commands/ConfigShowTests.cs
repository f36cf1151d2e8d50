using System.Text.Json;
using CodexCompanion.Tool.Configuration;
using Xunit;

namespace CodexCompanion.Tool.Tests.Commands;

public sealed class ConfigShowTests : IDisposable
{
    private readonly ToolBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Every_value_is_shown_with_the_layer_that_won()
    {
        var user = _bench.WriteUserConfig("{\n  \"$schema\": \"x\",\n  \"model\": \"user-model\",\n  \"effort\": \"low\",\n  \"codexConfig\": { \"a.b\": [1] }\n}");
        var project = _bench.WriteFile(".codex-companion.json", "{\n \"effort\": \"high\",\n \"limits\": { \"stall\": \"5m\" } }");
        _bench.Variables["CODEX_COMPANION_MODEL"] = "env-model";
        var shown = (await _bench.RunAsync("config", "show", "--json")).Json;

        Assert.Equal(("\"env-model\"", "environment", "CODEX_COMPANION_MODEL"), Row("model"));
        Assert.Equal(("\"high\"", "project", project + ":2"), Row("effort"));
        Assert.Equal(("\"5m\"", "project", project + ":3"), Row("limits.stall"));
        Assert.Equal(("[1]", "user", user + ":5"), Row("codexConfig.a.b"));
        Assert.Equal(("\"read-only\"", "default", null), Row("sandbox"));
        Assert.Equal(("null", "default", null), Row("limits.time"));
        Assert.Equal(("\"12h\"", "default", null), Row("limits.brokerAge"));
        Assert.DoesNotContain(shown.GetProperty("settings").EnumerateArray(), row => row.GetProperty("key").GetString() == "$schema");
        Assert.Equal([true, true], shown.GetProperty("files").EnumerateArray().Select(file => file.GetProperty("exists").GetBoolean()));

        (string, string?, string?) Row(string key)
        {
            var row = Assert.Single(shown.GetProperty("settings").EnumerateArray(), row => row.GetProperty("key").GetString() == key);
            return (row.GetProperty("value").GetRawText(), row.GetProperty("origin").GetString(), row.GetProperty("place").GetString());
        }
    }

    [Fact]
    public async Task For_people_it_is_a_table()
    {
        _bench.Variables["CODEX_COMPANION_EFFORT"] = "high";
        Assert.Equal("effort  high\n", (await _bench.RunAsync("config", "show", "effort")).Out);
        var all = (await _bench.RunAsync("config", "show", "--origin")).Out;
        Assert.Matches(@"(?m)^effort +high +environment CODEX_COMPANION_EFFORT$", all);
        Assert.Matches(@"(?m)^limits\.connect +1s +default$", all);
        Assert.Contains("user file: ", all, StringComparison.Ordinal);
        Assert.All((await _bench.RunAsync("config", "show", "limits")).Out.TrimEnd().Split('\n'), line => Assert.StartsWith("limits.", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_nobody_is_asked_is_listed_with_what_is_answered()
    {
        var shown = (await _bench.RunAsync("config", "show", "serverRequests")).Out;
        Assert.Equal(["decline", "decline", "decline", "cancel"], shown.TrimEnd().Split('\n').Select(line => line.Split(' ')[^1]));
        _bench.WriteUserConfig("{\"serverRequests\":{\"commands\":\"accept\"}}");
        Assert.Matches("^serverRequests.commands +accept\n", (await _bench.RunAsync("config", "show", "serverRequests")).Out);
    }

    [Theory]
    [InlineData("modl", "Did you mean 'model'?")]
    [InlineData("nothing-like-it", "tells more")]
    public async Task A_setting_that_does_not_exist_is_a_usage_error(string key, string hint)
    {
        var end = await _bench.RunAsync("config", "show", key);
        Assert.Equal((ExitCodes.Usage, ""), (end.ExitCode, end.Out));
        Assert.StartsWith($"error: There is no setting '{key}'.\n", end.Error, StringComparison.Ordinal);
        Assert.Equal(hint != "tells more", end.Error.Contains(hint, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wrong_file_is_named_with_the_line_as_everywhere()
    {
        var path = _bench.WriteUserConfig("{\n  \"modle\": \"x\"\n}");
        var end = await _bench.RunAsync("config", "show");
        Assert.Equal((ExitCodes.Usage, $"error: {path}:2: unknown key \"modle\"; did you mean \"model\"?\n"), (end.ExitCode, end.Error));
    }

    [Fact]
    public void The_schema_knows_exactly_the_keys_that_there_are()
    {
        var file = RepositoryFolder.PathOf("docs", "config.schema.json");
        using var schema = JsonDocument.Parse(File.ReadAllText(file));
        var known = new List<string>();
        foreach (var property in schema.RootElement.GetProperty("properties").EnumerateObject().Where(property => property.Name != SettingKeys.Schema))
        {
            if (property.Value.TryGetProperty("properties", out var below))
                known.AddRange(below.EnumerateObject().Select(inner => $"{property.Name}.{inner.Name}"));
            else
                known.Add(property.Name);
        }

        Assert.Equal(
            SettingKeys.Variables.Select(key => key.Key).Concat(["aliases", "codexConfig", .. ServerRequestKeys.All]).Order(StringComparer.Ordinal),
            known.Order(StringComparer.Ordinal));
        Assert.False(schema.RootElement.GetProperty("additionalProperties").GetBoolean());
    }
}
