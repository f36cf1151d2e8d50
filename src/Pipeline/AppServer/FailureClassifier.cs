using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>
/// Turns what the server says of a failure into a kind and a sentence. The server's own code counts first, then an HTTP status, and only
/// then words in its message (0.142 says "other" for most refusals of the model's API).
/// </summary>
public static partial class FailureClassifier
{
    private const string LogInHint = "Log in with `codex login`.";
    private const string KeyHint = "The model provider of Codex's configuration takes its key from it: set it, then give the command again.";
    private const string FreshHint = "Start a new thread with --fresh, or shorten the request.";

    /// <summary>A turn's error (<c>turn.error</c> or <c>error.error</c>).</summary>
    public static Outcome.Failed OfTurn(JsonElement error)
    {
        var (code, status) = ReadInfo(error.Member("codexErrorInfo"));
        var message = Sentence(error.Text("message"));
        if (message.Length == 0)
            message = Sentence(error.Text("additionalDetails"));
        if (message.Length == 0)
            message = "The turn failed; the server did not say why.";
        status ??= StatusIn(message);
        return ByCode(code, message) ?? ByStatus(status, message) ?? ByWords(message) ?? new Outcome.Failed(FailureKind.TurnFailed, message, HintOf(code));
    }

    /// <summary>The error a call was answered with, where that call starts or continues something.</summary>
    public static Outcome.Failed OfCall(RpcError error)
    {
        var message = Sentence(error.Message);
        return error.Code switch
        {
            RpcError.Overloaded => new(FailureKind.Capacity, message, "Try again in a moment."),
            RpcError.ThreadInUse => new(FailureKind.Busy, message, "Wait for the other job to end, or start a new thread with --fresh."),
            _ when Has(message, "already has an active writer") => new(
                FailureKind.Busy, $"Another Codex process has this thread open: {message}", "Close it there, or start a new thread with --fresh."),
            _ when ThreadTexts.SaysNotFound(message) => new(
                FailureKind.ThreadNotFound, $"There is no such thread: {message}", "Start a new thread with --fresh."),
            _ when Has(message, "exceeds the maximum length") => new(FailureKind.Refused, message, "Shorten the prompt."),
            _ => ByWords(message) ?? new(FailureKind.Refused, message),
        };
    }

    private static Outcome.Failed? ByCode(string code, string message) => code switch
    {
        "usageLimitExceeded" or "sessionBudgetExceeded" => new(FailureKind.UsageLimit, message),
        "serverOverloaded" or "rateLimitExceeded" or "flexUnavailable" or "policyCapacityUnavailable" =>
            new(FailureKind.Capacity, message, "Try again in a moment."),
        "unauthorized" => new(FailureKind.NotLoggedIn, message, LogInHint),
        "modelNotFound" => new(FailureKind.Refused, message, "Name another model with --model."),
        "contextWindowExceeded" => new(FailureKind.TurnFailed, message, FreshHint),
        _ => null,
    };

    private static Outcome.Failed? ByStatus(int? status, string message) => status switch
    {
        401 => new(FailureKind.NotLoggedIn, message, LogInHint),
        429 or 503 or 529 => new(FailureKind.Capacity, message, "Try again in a moment."),
        _ => null,
    };

    private static Outcome.Failed? ByWords(string message) =>
        Has(message, "usage limit") || Has(message, "exceeded your current quota") ? new(FailureKind.UsageLimit, message)
        : Has(message, "not logged in") || Has(message, "codex login") ? new(FailureKind.NotLoggedIn, message, LogInHint)
        : Has(message, "missing environment variable") ? new(FailureKind.NotLoggedIn, message, KeyHint)
        : Has(message, "at capacity") ? new(FailureKind.Capacity, message, "Try again in a moment.")
        : Has(message, "context window") ? new(FailureKind.TurnFailed, message, FreshHint)
        : null;

    private static string? HintOf(string code) => code switch
    {
        "httpConnectionFailed" or "responseStreamConnectionFailed" => "Check the network and the proxy settings.",
        "sandboxError" => "Codex's sandbox does not work here; `codex sandbox` shows why.",
        _ => null,
    };

    // Either a word, or an object with one member named by the word.
    private static (string Code, int? Status) ReadInfo(JsonElement info)
    {
        if (info.ValueKind == JsonValueKind.String)
            return (info.GetString() ?? "", null);
        if (info.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in info.EnumerateObject())
                return (member.Name, member.Value.Number("httpStatusCode"));
        }

        return ("", null);
    }

    // A refusal of the model's API comes through as the JSON it was answered with; inside is a sentence for people.
    private static string Sentence(string? text)
    {
        text = text?.Trim() ?? "";
        if (!text.StartsWith('{'))
            return text;
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            return root.Member("error").Text("message") ?? root.Text("message") ?? root.Text("detail") ?? text;
        }
        catch (JsonException)
        {
            return text; // Not JSON after all: the text is the best there is.
        }
    }

    private static int? StatusIn(string message)
    {
        var match = Status().Match(message);
        return match.Success ? int.Parse(match.Groups["code"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : null;
    }

    private static bool Has(string message, string words) => message.Contains(words, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"\b(?:unexpected status|last status:) (?<code>\d{3})\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Status();
}
