using System.Text.Json.Nodes;
using CodexCompanion.Tool.Selftest.Simulator.Script;
using Xunit;

namespace CodexCompanion.Tool.Tests.Selftest.Simulator;

public sealed class ProtocolRulesTests : IDisposable
{
    private readonly SimulationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nothing_is_answered_before_initialize_and_initialize_only_once()
    {
        await using var client = SimulatedClient.Connect(_folder);

        Assert.Equal((-32600, "Not initialized"), await client.RefusedAsync("thread/list", []));
        var hello = await client.InitializeAsync();
        Assert.StartsWith("tests/0.169.0 (", hello["userAgent"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal((-32600, "Already initialized"), await client.RefusedAsync("initialize", []));
    }

    [Fact]
    public async Task Unknown_methods_and_bad_parameters_are_refused_in_the_words_of_codex()
    {
        await using var client = await SimulatedClient.StartAsync(_folder);
        var unknown = Guid.NewGuid().ToString();

        Assert.StartsWith(
            "Invalid request: unknown variant `no/such`, expected one of `initialize`, `thread/start`",
            (await client.RefusedAsync("no/such", [])).Message,
            StringComparison.Ordinal);
        Assert.Equal((-32600, "Invalid request: missing field `threadId`"), await client.RefusedAsync("thread/read", []));
        Assert.Equal((-32600, "Invalid request: missing field `params`"), await client.RefusedAsync("thread/read"));
        Assert.Equal(
            (-32600, "Invalid request: invalid type: integer `5`, expected a string"),
            await client.RefusedAsync("thread/read", new JsonObject { ["threadId"] = 5 }));
        Assert.Equal((-32600, $"thread not found: {unknown}"), await client.RefusedAsync("turn/start", SimulatedClient.Turn(unknown, "x")));
        Assert.Equal(
            (-32600, "Invalid request: unknown variant `root`, expected one of `read-only`, `workspace-write`, `danger-full-access`"),
            await client.RefusedAsync("thread/start", new JsonObject { ["sandbox"] = "root" }));
    }

    [Fact]
    public async Task A_line_that_is_no_message_is_skipped()
    {
        await using var client = await SimulatedClient.StartAsync(_folder);

        client.Say("{\"id\":");
        client.Say("[1]");

        Assert.NotNull(await client.CallAsync("thread/loaded/list", []));
        Assert.Contains("Failed to deserialize", client.Stderr.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ids_may_be_texts()
    {
        await using var client = await SimulatedClient.StartAsync(_folder);

        client.Say("""{"jsonrpc":"2.0","id":"seven","method":"account/read","params":{}}""");

        Assert.NotNull(await client.WaitForAsync(m => m["id"] is JsonValue id && id.TryGetValue(out string? text) && text == "seven"));
    }

    [Fact]
    public async Task Notifications_the_client_opted_out_of_stay_away()
    {
        await using var client = SimulatedClient.Connect(_folder);
        await client.InitializeAsync("item/agentMessage/delta");

        await client.RunTurnAsync(await client.StartThreadAsync(), "Hello");

        Assert.DoesNotContain(client.Heard, m => SimulatedClient.Method(m) == "item/agentMessage/delta");
        Assert.Contains(client.Heard, m => SimulatedClient.Method(m) == "item/completed");
    }

    [Fact]
    public async Task A_prompt_of_more_than_a_mebi_of_characters_is_refused()
    {
        await using var client = await SimulatedClient.StartAsync(_folder);
        var thread = await client.StartThreadAsync();

        var (code, message) = await client.RefusedAsync("turn/start", SimulatedClient.Turn(thread, new string('x', 1_048_577)));

        Assert.Equal((-32602, "Input exceeds the maximum length of 1048576 characters."), (code, message));
        Assert.Empty(_folder.Journal.Of("turn-started"));
    }

    [Fact]
    public async Task Without_a_script_it_says_so_and_exits_with_2()
    {
        File.Delete(Path.Combine(_folder.Home, "simulation.json"));
        await using var client = SimulatedClient.Connect(_folder);

        Assert.Equal(2, await client.WaitForExitAsync());
        Assert.Contains("needs its script", client.Stderr.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_script_is_named_and_exits_with_2()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Home, "simulation.json"), """{"faults":[{"name":"x","action":"Explode"}]}""");
        await using var client = SimulatedClient.Connect(_folder);

        Assert.Equal(2, await client.WaitForExitAsync());
        Assert.Contains("simulation.json cannot be read", client.Stderr.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_script_is_a_healthy_server()
    {
        File.WriteAllText(Path.Combine(_folder.Home, "simulation.json"), "{}");

        var script = Assert.IsType<ScriptRead.Found>(SimulationScript.ReadFrom(_folder.Home)).Script;

        Assert.Equal("0.169", script.Dialect);
        Assert.Empty(script.Faults);
        Assert.Empty(script.Prompts);
    }

    [Theory]
    [InlineData("ChatGpt", "chatgpt", true)]
    [InlineData("ApiKey", "apiKey", true)]
    [InlineData("NotRequired", null, false)]
    [InlineData("LoggedOut", null, true)]
    public async Task The_account_is_the_scripts(string account, string? type, bool needed)
    {
        _folder.Use(new SimulationScript(Account: Enum.Parse<SimulatedAccount>(account, ignoreCase: true)));
        await using var client = await SimulatedClient.StartAsync(_folder);

        var answer = await client.CallAsync("account/read", []);

        Assert.Equal(type, answer["account"]?["type"]?.GetValue<string>());
        Assert.Equal(needed, answer["requiresOpenaiAuth"]!.GetValue<bool>());
    }
}
