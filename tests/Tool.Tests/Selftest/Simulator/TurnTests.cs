using System.Text.Json.Nodes;
using CodexCompanion.Tool.Selftest.Simulator.Script;
using Xunit;

namespace CodexCompanion.Tool.Tests.Selftest.Simulator;

public sealed class TurnTests : IDisposable
{
    private readonly SimulationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_turn_is_told_in_the_order_of_codex_0_169()
    {
        await using var client = await SimulatedClient.StartAsync(_folder);
        var thread = await client.StartThreadAsync();
        client.Heard.Clear();

        var turn = await client.RunTurnAsync(thread, "Hello there", "message-1");

        Assert.Equal(
            [
                "thread/started", "warning", "(answer)", "thread/status/changed", "turn/started", "item/started", "item/completed", "item/started",
                "item/agentMessage/delta", "item/completed", "thread/tokenUsage/updated", "account/rateLimits/updated",
                "thread/readState/changed", "thread/status/changed", "turn/completed",
            ],
            Order(client));
        Assert.Equal("completed", turn["status"]!.GetValue<string>());
        Assert.Equal("Simulated reply to: Hello there", turn["items"]![0]!["text"]!.GetValue<string>());
        var said = client.Heard.Find(m => m["params"]?["item"]?["type"]?.GetValue<string>() == "userMessage")!;
        Assert.Equal("message-1", said["params"]!["item"]!["clientId"]!.GetValue<string>());
        Assert.All(client.Heard.Where(m => m["method"] is not null), m => Assert.NotNull(m["emittedAtMs"]));
    }

    [Fact]
    public async Task A_turn_of_0_142_ends_without_items_and_warns_after_the_answer()
    {
        _folder.Use(new SimulationScript("0.142"));
        await using var client = await SimulatedClient.StartAsync(_folder);
        var thread = await client.StartThreadAsync();
        client.Heard.Clear();

        var turn = await client.RunTurnAsync(thread, "Hello");

        Assert.Equal(["thread/started", "(answer)", "warning", "thread/status/changed", "turn/started"], Order(client)[..5]);
        Assert.Empty(turn["items"]!.AsArray());
        Assert.All(client.Heard, m => Assert.Null(m["emittedAtMs"]));
    }

    [Fact]
    public async Task Turns_of_several_threads_run_at_the_same_time()
    {
        await using var client = await SimulatedClient.StartAsync(_folder);
        var (waiting, quick) = (await client.StartThreadAsync(), await client.StartThreadAsync());
        var first = await client.StartTurnAsync(waiting, "sim: ask-approval");
        var question = await client.WaitForAsync("item/commandExecution/requestApproval");

        Assert.Equal("completed", (await client.RunTurnAsync(quick, "Hello"))["status"]!.GetValue<string>());
        client.Say(new JsonObject { ["id"] = question["id"]!.DeepClone(), ["result"] = new JsonObject { ["decision"] = "decline" } }.ToJsonString());
        Assert.Equal("completed", (await client.EndOfAsync(first))["status"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("0.169", true)]
    [InlineData("0.142", false)]
    public async Task A_second_turn_start_steers(string dialect, bool sameId)
    {
        _folder.Use(new SimulationScript(dialect));
        await using var client = await SimulatedClient.StartAsync(_folder);
        var thread = await client.StartThreadAsync();
        var first = await client.StartTurnAsync(thread, "sim: no-completed");

        var second = await client.StartTurnAsync(thread, "and this", "message-2");

        Assert.Equal(sameId, first == second);
        await client.CallAsync("turn/interrupt", new JsonObject { ["threadId"] = thread, ["turnId"] = first });
        await client.EndOfAsync(first);
        Assert.Single(_folder.Journal.Of("turn-started"));
        Assert.Equal("message-2", Assert.Single(_folder.Journal.Of("turn-steered")).ClientUserMessageId);
    }

    [Fact]
    public async Task Interrupting_needs_the_running_turns_id()
    {
        await using var client = await SimulatedClient.StartAsync(_folder);
        var thread = await client.StartThreadAsync();
        JsonObject Interrupt(string id) => new() { ["threadId"] = thread, ["turnId"] = id };
        Assert.Equal((-32600, "no active turn to interrupt"), await client.RefusedAsync("turn/interrupt", Interrupt("x")));
        var turn = await client.StartTurnAsync(thread, "sim: think 60s");

        Assert.Equal((-32600, $"expected active turn id x but found {turn}"), await client.RefusedAsync("turn/interrupt", Interrupt("x")));
        await client.CallAsync("turn/interrupt", Interrupt(turn));

        Assert.Equal("interrupted", (await client.EndOfAsync(turn))["status"]!.GetValue<string>());
        Assert.Equal("interrupted", Assert.Single(_folder.Journal.Of("turn-ended")).Status);
    }

    [Fact]
    public async Task A_turn_that_ignores_its_interruption_goes_on()
    {
        await using var client = await SimulatedClient.StartAsync(_folder);
        var thread = await client.StartThreadAsync();
        var turn = await client.StartTurnAsync(thread, "sim: ignore-interrupt\nsim: elicit");
        var question = await client.WaitForAsync("mcpServer/elicitation/request");

        await client.CallAsync("turn/interrupt", new JsonObject { ["threadId"] = thread, ["turnId"] = turn });
        client.Say(new JsonObject { ["id"] = question["id"]!.DeepClone(), ["result"] = new JsonObject { ["action"] = "decline" } }.ToJsonString());

        Assert.Equal("completed", (await client.EndOfAsync(turn))["status"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("usage-limit", "usageLimitExceeded")]
    [InlineData("server-overloaded", "serverOverloaded")]
    [InlineData("unauthorized", "unauthorized")]
    [InlineData("bad-request", "badRequest")]
    public async Task A_failure_is_an_error_and_a_failed_turn(string kind, string info)
    {
        await using var client = await SimulatedClient.StartAsync(_folder);

        var turn = await client.RunTurnAsync(await client.StartThreadAsync(), $"sim: fail {kind}");

        Assert.Equal("failed", turn["status"]!.GetValue<string>());
        Assert.Equal(info, turn["error"]!["codexErrorInfo"]!.GetValue<string>());
        var error = await client.WaitForAsync("error");
        Assert.False(error["params"]!["willRetry"]!.GetValue<bool>());
    }

    [Fact]
    public async Task An_error_that_is_retried_is_not_the_end()
    {
        await using var client = await SimulatedClient.StartAsync(_folder);

        var turn = await client.RunTurnAsync(await client.StartThreadAsync(), "sim: retry-error\nsim: reply \"still here\"");

        Assert.Equal("still here", turn["items"]![0]!["text"]!.GetValue<string>());
        Assert.True((await client.WaitForAsync("error"))["params"]!["willRetry"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_message_comes_in_as_many_pieces_as_asked_for()
    {
        await using var client = await SimulatedClient.StartAsync(_folder);

        await client.RunTurnAsync(await client.StartThreadAsync(), "sim: deltas 1000\nsim: reply \"abc\"");

        var pieces = client.Heard.Where(m => SimulatedClient.Method(m) == "item/agentMessage/delta").ToList();
        Assert.Equal(1000, pieces.Count);
        Assert.Equal("abc", string.Concat(pieces.Select(p => p["params"]!["delta"]!.GetValue<string>())));
    }

    [Theory]
    [InlineData("before")]
    [InlineData("after")]
    public async Task A_subagent_has_a_thread_of_its_own(string when)
    {
        await using var client = await SimulatedClient.StartAsync(_folder);
        var thread = await client.StartThreadAsync();

        var turn = await client.RunTurnAsync(thread, $"sim: subagent {when} \"from below\"\nsim: reply \"from above\"");
        bool IsItsEnd(JsonObject m) => SimulatedClient.Method(m) == "turn/completed" && m["params"]!["threadId"]!.GetValue<string>() != thread;
        var its = await client.WaitForAsync(IsItsEnd);

        var mine = client.Heard.FindIndex(m => m["params"]?["turn"]?["id"]?.GetValue<string>() == turn["id"]!.GetValue<string>()
            && SimulatedClient.Method(m) == "turn/completed");
        Assert.Equal(when == "before", client.Heard.FindIndex(IsItsEnd) < mine);
        Assert.Equal("from below", its["params"]!["turn"]!["items"]![0]!["text"]!.GetValue<string>());
        var started = client.Heard.FindLast(m => SimulatedClient.Method(m) == "thread/started")!;
        Assert.Equal(thread, started["params"]!["thread"]!["parentThreadId"]!.GetValue<string>());
        Assert.Contains(client.Heard, m => m["params"]?["item"]?["type"]?.GetValue<string>() == "collabAgentToolCall");
    }

    [Fact]
    public async Task A_review_enters_and_leaves_review_mode()
    {
        await using var client = await SimulatedClient.StartAsync(_folder);
        var thread = await client.StartThreadAsync();

        var answer = await client.CallAsync("review/start", new JsonObject
        {
            ["threadId"] = thread,
            ["target"] = new JsonObject { ["type"] = "custom", ["instructions"] = "sim: reply \"no findings\"" },
        });
        await client.EndOfAsync(answer["turn"]!["id"]!.GetValue<string>());

        Assert.Equal(thread, answer["reviewThreadId"]!.GetValue<string>());
        var items = client.Heard.Where(m => SimulatedClient.Method(m) == "item/completed").Select(m => m["params"]!["item"]!).ToList();
        Assert.Equal(["enteredReviewMode", "userMessage", "exitedReviewMode", "agentMessage"], items.Select(i => i["type"]!.GetValue<string>()).ToArray());
        Assert.Equal("no findings", items[2]["review"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_unknown_directive_fails_the_turn_and_is_named()
    {
        await using var client = await SimulatedClient.StartAsync(_folder);

        var turn = await client.RunTurnAsync(await client.StartThreadAsync(), "sim: edti e1 f.txt");

        Assert.Contains("edti e1 f.txt", turn["error"]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_script_can_give_prompts_their_directives()
    {
        _folder.Use(new SimulationScript(Prompts: [new PromptBehaviour("weather", ["reply \"sunny\""])]));
        await using var client = await SimulatedClient.StartAsync(_folder);

        var turn = await client.RunTurnAsync(await client.StartThreadAsync(), "How is the weather?");

        Assert.Equal("sunny", turn["items"]![0]!["text"]!.GetValue<string>());
    }

    private static string[] Order(SimulatedClient client)
    {
        var names = client.Heard.Select(m => SimulatedClient.Method(m) ?? "(answer)").ToList();
        return [.. names.Where((name, i) => i == 0 || name != "item/agentMessage/delta" || names[i - 1] != name)];
    }
}
