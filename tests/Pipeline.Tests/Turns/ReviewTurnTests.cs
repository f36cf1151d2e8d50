using System.Text.Json;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Turns;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Turns;

public sealed class ReviewTurnTests : IDisposable
{
    private readonly TurnBench _bench = new();

    public ReviewTurnTests()
    {
        _bench.Request = _bench.Request with { Review = new NativeReview.BaseBranch("main"), SandboxIsPinned = true };
        _bench.Session.Answer("review/start", """{"turn":{"id":"u1","items":[],"status":"inProgress"},"reviewThreadId":"t1"}""");
    }

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_review_starts_by_its_own_call_and_its_report_is_kept()
    {
        var run = await _bench.RunToTurnAsync();
        // The reviewer announces a turn of its own; all else carries the id we were given.
        _bench.TurnStarted(turn: "inner");
        _bench.Done("""{"type":"exitedReviewMode","id":"r","review":"It breaks."}""");
        _bench.Message("It breaks.");
        _bench.TurnDone();

        var result = Assert.IsType<Outcome.Completed>(await TurnBench.EndOf(run)).Value;

        Assert.Equal(("It breaks.", "u1"), (result.Review, result.TurnId));
        Assert.Equal("""{"type":"baseBranch","branch":"main"}""", _bench.Session.ParamsOf("review/start").GetProperty("target").GetRawText());
        Assert.Equal(0, _bench.Session.Count("turn/start"));
    }

    [Theory]
    [InlineData("""{"type":"workspaceWrite","writableRoots":[]}""")]
    [InlineData("""{"type":"dangerFullAccess"}""")]
    [InlineData("""{"type":"somethingNew"}""")]
    public async Task A_review_is_not_run_where_it_could_write(string policy)
    {
        _bench.Session.Answer("thread/start", $$"""{"thread":{"id":"t1"},"sandbox":{{policy}}}""");

        var failed = Assert.IsType<Outcome.Failed>(await TurnBench.EndOf(_bench.Run()));

        Assert.Equal(FailureKind.Refused, failed.Kind);
        Assert.Contains("weaker than 'readOnly'", failed.Message, StringComparison.Ordinal);
        Assert.Equal(0, _bench.Session.Count("review/start"));
    }

    [Fact]
    public async Task A_weaker_sandbox_is_said_before_an_ordinary_turn()
    {
        _bench.Request = _bench.Request with { Review = null, SandboxIsPinned = false };
        _bench.Session.Answer("thread/start", """{"thread":{"id":"t1"},"sandbox":{"type":"dangerFullAccess"}}""");

        await _bench.RunToTurnAsync();

        Assert.Equal("The server runs this turn in the sandbox 'dangerFullAccess', which is weaker than 'readOnly'.", Assert.Single(_bench.Notes));
        Assert.Equal(SandboxMode.DangerFullAccess, _bench.Events.OfType<RunEvent.ThreadKnown>().Single().Sandbox);
    }

    [Fact]
    public async Task Network_that_the_configuration_allows_is_said_before_the_turn()
    {
        _bench.Request = _bench.Request with { Review = null, Sandbox = SandboxMode.WorkspaceWrite };
        _bench.Session.Answer("thread/start", """{"thread":{"id":"t1"},"sandbox":{"type":"workspaceWrite","writableRoots":[],"networkAccess":true}}""");

        await _bench.RunToTurnAsync();

        Assert.Contains("may use the network", Assert.Single(_bench.Notes), StringComparison.Ordinal);
        Assert.True(_bench.Session.ParamsOf("turn/start").GetProperty("sandboxPolicy").GetProperty("networkAccess").GetBoolean());
    }

    [Theory]
    [InlineData("completed", "interrupted", "It breaks.", typeof(TurnFate.Completed))]
    [InlineData("interrupted", "interrupted", "", typeof(TurnFate.Interrupted))]
    public void A_lost_review_is_over_when_its_report_is_there(string outer, string inner, string review, Type fate)
    {
        var report = review.Length == 0 ? "" : $$""",{"type":"exitedReviewMode","id":"r","review":"{{review}}"}""";
        var thread = RpcMessage.ToElement(System.Text.Encoding.UTF8.GetBytes(
            $$"""{"turns":[{"id":"i","status":"{{inner}}","items":[{"type":"userMessage","id":"m","clientId":null}]},{"id":"u1","status":"{{outer}}","items":[{"type":"enteredReviewMode","id":"e","review":"x"}{{report}}]}]}"""));

        Assert.IsType(fate, ThreadSnapshot.Read("t1", thread, "/w").FindReview());
    }
}

public sealed class ModelCheckTests : IDisposable
{
    private const string Models = """{"data":[{"id":"m-1","model":"m-1","isDefault":true,"supportedReasoningEfforts":[{"reasoningEffort":"low"},{"reasoningEffort":"ultra"}]},{"id":"hidden","model":"hidden","hidden":true,"supportedReasoningEfforts":[]}],"nextCursor":null}""";

    private readonly TurnBench _bench = new();

    public ModelCheckTests() => _bench.Session.Answer("model/list", Models);

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Without_a_model_of_the_callers_nothing_is_asked()
    {
        await _bench.RunToTurnAsync();

        Assert.Equal(0, _bench.Session.Count("model/list"));
    }

    [Theory]
    [InlineData("m-1", "ultra")]
    [InlineData("hidden", "anything")]
    [InlineData(null, "low")]
    public async Task What_the_server_lists_runs_without_a_word(string? model, string effort)
    {
        _bench.Request = _bench.Request with { Model = model, Effort = effort };

        await _bench.RunToTurnAsync();

        Assert.Empty(_bench.Notes);
        Assert.Equal(1, _bench.Session.Count("turn/start"));
    }

    [Theory]
    [InlineData("m-1")]
    [InlineData(null)]
    public async Task An_effort_the_model_does_not_take_is_refused_with_those_it_takes(string? model)
    {
        _bench.Request = _bench.Request with { Model = model, Effort = "huge" };

        var failed = Assert.IsType<Outcome.Failed>(await TurnBench.EndOf(_bench.Run()));

        Assert.Equal("The model m-1 does not take the effort 'huge'; it takes low, ultra.", failed.Message);
        Assert.Equal(0, _bench.Session.Count("thread/start"));
    }

    [Fact]
    public async Task A_model_that_is_not_listed_is_remarked_on_and_runs()
    {
        _bench.Request = _bench.Request with { Model = "mine" };

        await _bench.RunToTurnAsync();

        Assert.Equal("Codex does not list a model 'mine'; it lists m-1.", Assert.Single(_bench.Notes));
    }

    [Theory]
    [InlineData("m-11", null, "Codex does not list a model 'm-11' (did you mean 'm-1'?); it lists m-1.")]
    [InlineData(null, "ulta", "No model that Codex lists takes the effort 'ulta'; they take low, ultra.")]
    public async Task A_slip_is_told_also_where_the_configured_model_is_not_listed(string? model, string? effort, string note)
    {
        _bench.Session.Answer("config/read", """{"config":{"model":"mine"}}""");
        _bench.Request = _bench.Request with { Model = model, Effort = effort };

        await _bench.RunToTurnAsync();

        Assert.Equal(note, Assert.Single(_bench.Notes));
    }

    [Theory]
    [InlineData("m-1", null, """{"model_reasoning_effort":"huge"}""")]
    [InlineData(null, "huge", """{"model":"m-1"}""")]
    [InlineData(null, null, """{"model":"m-1","model_reasoning_effort":"huge"}""")]
    public async Task What_is_overridden_by_key_is_checked_like_what_is_named_by_option(string? model, string? effort, string config)
    {
        using var overrides = JsonDocument.Parse(config);
        _bench.Session.Answer("config/read", """{"config":{"model":"mine"}}""");
        _bench.Request = _bench.Request with
        {
            Model = model,
            Effort = effort,
            Config = overrides.RootElement.EnumerateObject().ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal),
        };

        var failed = Assert.IsType<Outcome.Failed>(await TurnBench.EndOf(_bench.Run()));

        Assert.Equal("The model m-1 does not take the effort 'huge'; it takes low, ultra.", failed.Message);
    }

    [Fact]
    public async Task A_server_without_a_list_does_not_keep_a_turn_from_running()
    {
        _bench.Session.Refuse("model/list", -32600, "Invalid request: unknown variant `model/list`");
        _bench.Request = _bench.Request with { Model = "m-1", Effort = "huge" };

        await _bench.RunToTurnAsync();

        Assert.Equal(1, _bench.Session.Count("turn/start"));
    }
}
