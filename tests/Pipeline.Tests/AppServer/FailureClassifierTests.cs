using System.Text.Json;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Turns;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.AppServer;

/// <summary>Errors as 0.142.2 and 0.169.0 wrote them for a model API that answered 401, 429, 500 …</summary>
public sealed class FailureClassifierTests
{
    [Theory]
    [InlineData("\"usageLimitExceeded\"", "You've hit your usage limit.", FailureKind.UsageLimit)]
    [InlineData("\"sessionBudgetExceeded\"", "x", FailureKind.UsageLimit)]
    [InlineData("\"serverOverloaded\"", "x", FailureKind.Capacity)]
    [InlineData("\"rateLimitExceeded\"", "x", FailureKind.Capacity)]
    [InlineData("\"unauthorized\"", "x", FailureKind.NotLoggedIn)]
    [InlineData("\"modelNotFound\"", "x", FailureKind.Refused)]
    [InlineData("\"internalServerError\"", "We're currently experiencing high demand, which may cause temporary errors.", FailureKind.TurnFailed)]
    [InlineData("\"contextWindowExceeded\"", "Codex ran out of room in the model's context window.", FailureKind.TurnFailed)]
    [InlineData("""{"httpConnectionFailed":{"httpStatusCode":401}}""", "unexpected status 401 Unauthorized: no", FailureKind.NotLoggedIn)]
    [InlineData("""{"httpConnectionFailed":{"httpStatusCode":null}}""", "no route to host", FailureKind.TurnFailed)]
    [InlineData("""{"responseTooManyFailedAttempts":{"httpStatusCode":429}}""", "exceeded retry limit, last status: 429 Too Many Requests", FailureKind.Capacity)]
    [InlineData("\"other\"", "unexpected status 401 Unauthorized: stub says no, url: http://127.0.0.1/v1/responses", FailureKind.NotLoggedIn)]
    [InlineData("\"other\"", "unexpected status 503 Service Unavailable: stub says no", FailureKind.Capacity)]
    [InlineData("\"other\"", "stream disconnected before completion: stream closed before response.completed", FailureKind.TurnFailed)]
    [InlineData("\"other\"", "Missing environment variable: `STUB_KEY`.", FailureKind.NotLoggedIn)]
    [InlineData("null", "You exceeded your current quota, please check your plan.", FailureKind.UsageLimit)]
    [InlineData("""{"somethingNew":{}}""", "x", FailureKind.TurnFailed)]
    public void A_turns_error_has_a_kind_and_keeps_its_sentence(string info, string message, FailureKind kind)
    {
        var failed = FailureClassifier.OfTurn(Error(message, info));
        Assert.Equal(kind, failed.Kind);
        Assert.Equal(message, failed.Message);
    }

    [Theory]
    [InlineData("""{"error": {"message": "Your input exceeds the context window", "code": "context_length_exceeded"}}""", "Your input exceeds the context window")]
    [InlineData("""{"detail":"The model is not supported."}""", "The model is not supported.")]
    [InlineData("""{broken""", "{broken")]
    public void The_sentence_is_taken_out_of_the_json_it_came_in(string message, string sentence) =>
        Assert.Equal(sentence, FailureClassifier.OfTurn(Error(message, "\"other\"")).Message);

    [Fact]
    public void An_error_without_any_word_still_has_a_sentence() => Assert.NotEmpty(FailureClassifier.OfTurn(default).Message);

    [Fact]
    public void A_broken_sandbox_says_what_to_look_at() =>
        Assert.Contains("sandbox", FailureClassifier.OfTurn(Error("exec failed", "\"sandboxError\"")).Hint, StringComparison.Ordinal);

    [Theory]
    [InlineData(RpcError.ThreadInUse, "Another client has it.", FailureKind.Busy)]
    [InlineData(RpcError.Overloaded, "Server overloaded; retry later.", FailureKind.Capacity)]
    [InlineData(RpcError.InvalidRequest, "thread not found: 01a2", FailureKind.ThreadNotFound)]
    [InlineData(RpcError.InvalidRequest, "failed to load configuration: Model provider `nope` not found", FailureKind.Refused)]
    [InlineData(RpcError.InvalidRequest, "You are not logged in.", FailureKind.NotLoggedIn)]
    public void A_refused_call_has_a_kind(int code, string message, FailureKind kind) =>
        Assert.Equal(kind, FailureClassifier.OfCall(new RpcError(code, message)).Kind);

    private static JsonElement Error(string message, string info) =>
        JsonDocument.Parse($$"""{"message":{{JsonSerializer.Serialize(message)}},"codexErrorInfo":{{info}},"additionalDetails":null}""").RootElement;
}
