using System.Text.Json.Nodes;

namespace CodexCompanion.EndToEnd.Tests.Model;

/// <summary>Writes an answer the way the Responses API does.</summary>
internal sealed class AnswerWriter(HttpConnection connection, int number)
{
    // What a used-up limit looks like to codex: this type makes it report usageLimitExceeded (a bare 429 is "exceeded retry limit").
    private const string LimitReached = """{"error":{"type":"usage_limit_reached","message":"The usage limit has been reached","plan_type":"plus","resets_at":4102444800}}""";

    // Between two deltas: long enough that they travel as separate packets, short enough for hundreds of them.
    private static readonly TimeSpan DeltaPause = TimeSpan.FromMilliseconds(5);

    private readonly string _responseId = $"resp_{number}";

    public async Task<RequestEnd> WriteAsync(Answer answer, CancellationToken gone)
    {
        if (answer.Delay > TimeSpan.Zero)
            await Task.Delay(answer.Delay, gone);

        if (answer.Status is { } status)
        {
            await connection.SendAsync(status.Code, "application/json", status.Body ?? DefaultBody(status.Code), gone);
            return RequestEnd.Answered;
        }

        await connection.BeginEventsAsync(gone);
        await EventAsync("response.created", new JsonObject { ["response"] = new JsonObject { ["id"] = _responseId } }, gone);
        if (answer.FailedCode is { } code)
        {
            var failed = new JsonObject { ["id"] = _responseId, ["status"] = "failed", ["error"] = new JsonObject { ["code"] = code, ["message"] = $"the stub says {code}" } };
            await EventAsync("response.failed", new JsonObject { ["response"] = failed }, gone);
            return RequestEnd.Answered;
        }

        if (answer.Call is { } call)
            await CallAsync(call.Name, call.Arguments, gone);
        else if (!await MessageAsync(answer, gone))
            return RequestEnd.Cut;

        await EventAsync("response.completed", new JsonObject { ["response"] = new JsonObject { ["id"] = _responseId, ["usage"] = Usage() } }, gone);
        return RequestEnd.Answered;
    }

    private static string DefaultBody(int code) => code == 429 ? LimitReached : """{"error":{"message":"the stub was told to fail"}}""";

    private async Task CallAsync(string name, string arguments, CancellationToken gone)
    {
        var item = new JsonObject { ["type"] = "function_call", ["id"] = $"fc_{number}", ["call_id"] = $"call_{number}", ["name"] = name, ["arguments"] = arguments };
        await EventAsync("response.output_item.added", new JsonObject { ["output_index"] = 0, ["item"] = item.DeepClone() }, gone);
        await EventAsync("response.output_item.done", new JsonObject { ["output_index"] = 0, ["item"] = item }, gone);
    }

    /// <summary>Sends the message; false when the stream was cut in its middle.</summary>
    private async Task<bool> MessageAsync(Answer answer, CancellationToken gone)
    {
        var id = $"msg_{number}";
        await EventAsync("response.output_item.added", new JsonObject { ["output_index"] = 0, ["item"] = Message(id, "") }, gone);
        var pieces = Pieces(answer.Text, Math.Max(answer.Deltas, answer.Cut ? 2 : 1));
        for (var i = 0; i < pieces.Count; i++)
        {
            if (answer.Cut && i == pieces.Count / 2)
            {
                connection.Cut();
                return false;
            }

            if (i > 0)
                await Task.Delay(DeltaPause, gone);
            await EventAsync("response.output_text.delta", new JsonObject { ["item_id"] = id, ["output_index"] = 0, ["content_index"] = 0, ["delta"] = pieces[i] }, gone);
        }

        await EventAsync("response.output_item.done", new JsonObject { ["output_index"] = 0, ["item"] = Message(id, answer.Text) }, gone);
        return true;
    }

    private Task EventAsync(string type, JsonObject data, CancellationToken gone)
    {
        data["type"] = type;
        return connection.WriteAsync($"event: {type}\ndata: {data.ToJsonString()}\n\n", gone);
    }

    private static JsonObject Message(string id, string text) => new()
    {
        ["type"] = "message",
        ["role"] = "assistant",
        ["id"] = id,
        ["content"] = text.Length == 0 ? [] : new JsonArray(new JsonObject { ["type"] = "output_text", ["text"] = text, ["annotations"] = new JsonArray() }),
    };

    private static JsonObject Usage() => new()
    {
        ["input_tokens"] = 100,
        ["input_tokens_details"] = new JsonObject { ["cached_tokens"] = 40 },
        ["output_tokens"] = 10,
        ["output_tokens_details"] = new JsonObject { ["reasoning_tokens"] = 0 },
        ["total_tokens"] = 110,
    };

    /// <summary>Cuts a text into as many pieces as asked for; a text that is too short yields empty ones, which count as signs of life too.</summary>
    private static List<string> Pieces(string text, int count)
    {
        var size = Math.Max(1, (text.Length + count - 1) / count);
        return [.. Enumerable.Range(0, count).Select(i => i * size >= text.Length ? "" : text.Substring(i * size, Math.Min(size, text.Length - (i * size))))];
    }
}
