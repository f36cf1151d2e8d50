using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace CodexCompanion.EndToEnd.Tests.Codex;

/// <summary>
/// A client of an app-server that does nothing but send and listen: the tests see the protocol through it without any code of the
/// product in between.
/// </summary>
internal sealed class RawAppServer : IAsyncDisposable
{
    // A turn with the stub takes 50 ms; the rest is for a busy machine.
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly Channel<JsonObject> _incoming = Channel.CreateUnbounded<JsonObject>();
    private readonly List<JsonObject> _seen = [];
    private readonly List<(string Method, JsonObject Answer)> _answers = [];
    private readonly Task _reading;
    private int _lastId;

    private RawAppServer(Process process)
    {
        _process = process;
        _reading = Task.Run(ReadAllAsync);
        process.ErrorDataReceived += (_, _) => { }; // read and dropped, so that the pipe never fills
        process.BeginErrorReadLine();
    }

    /// <summary>Every notification and request it has sent, in its order.</summary>
    public IReadOnlyList<JsonObject> Seen => _seen;

    /// <summary>Its answers, with the methods they belong to.</summary>
    public IReadOnlyList<(string Method, JsonObject Answer)> Answers => _answers;

    public int Pid => _process.Id;

    public static async Task<RawAppServer> StartAsync(string program, IReadOnlyDictionary<string, string> environment, string directory)
    {
        var start = new ProcessStartInfo(program, ["app-server"]) { WorkingDirectory = directory, UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var server = new RawAppServer(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start"));
        var clientInfo = new JsonObject { ["name"] = "end-to-end-tests", ["title"] = null, ["version"] = "1" };
        await server.CallAsync("initialize", new JsonObject { ["clientInfo"] = clientInfo, ["capabilities"] = new JsonObject { ["experimentalApi"] = true } });
        await server.SendAsync(new JsonObject { ["method"] = "initialized" });
        return server;
    }

    /// <summary>Calls a method and returns the whole answer, result or error.</summary>
    public async Task<JsonObject> CallAsync(string method, JsonObject? parameters = null)
    {
        var id = ++_lastId;
        await SendAsync(new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] });
        while (true)
        {
            var message = await ReadAsync($"an answer to {method}");
            if (message["method"] is not null)
                continue;
            Assert.Equal(id, message["id"]!.GetValue<int>());
            _answers.Add((method, message));
            return message;
        }
    }

    /// <summary>Starts a thread in a directory and returns its id.</summary>
    public async Task<string> StartThreadAsync(string directory, string sandbox = "read-only")
    {
        var answer = await CallAsync("thread/start", new JsonObject { ["cwd"] = directory, ["sandbox"] = sandbox, ["approvalPolicy"] = "never" });
        return answer["result"]!["thread"]!["id"]!.GetValue<string>();
    }

    /// <summary>Starts a turn without waiting for its end, and returns its id.</summary>
    public async Task<string> StartTurnAsync(string threadId, string prompt)
    {
        var input = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = prompt, ["text_elements"] = new JsonArray() });
        var answer = await CallAsync("turn/start", new JsonObject { ["threadId"] = threadId, ["input"] = input });
        return answer["result"]!["turn"]!["id"]!.GetValue<string>();
    }

    /// <summary>Starts a review of the uncommitted changes without waiting for its end, and returns its turn's id.</summary>
    public async Task<string> StartReviewAsync(string threadId)
    {
        var answer = await CallAsync("review/start", new JsonObject { ["threadId"] = threadId, ["target"] = new JsonObject { ["type"] = "uncommittedChanges" } });
        return answer["result"]!["turn"]!["id"]!.GetValue<string>();
    }

    /// <summary>Runs a turn to its end and returns it as <c>turn/completed</c> has it.</summary>
    public async Task<JsonObject> RunTurnAsync(string threadId, string prompt) => await TurnEndAsync(await StartTurnAsync(threadId, prompt));

    /// <summary>Waits for the end of a turn, which may have been seen already.</summary>
    public async Task<JsonObject> TurnEndAsync(string turnId)
    {
        var completed = _seen.Find(IsEnd) ?? await NextAsync(IsEnd, "the end of the turn");
        return completed["params"]!["turn"]!.AsObject();

        bool IsEnd(JsonObject message) => Is(message, "turn/completed") && string.Equals(message["params"]!["turn"]!["id"]!.GetValue<string>(), turnId, StringComparison.Ordinal);
    }

    /// <summary>
    /// The newest completed item of a type. It is waited for if need be: 0.142 sends the end of a command mostly after the end of its turn.
    /// </summary>
    public async Task<JsonNode> CompletedItemAsync(string type)
    {
        var completed = _seen.FindLast(IsIt) ?? await NextAsync(IsIt, $"a completed {type}");
        return completed["params"]!["item"]!;

        bool IsIt(JsonObject message) => Is(message, "item/completed") && string.Equals(message["params"]!["item"]!["type"]!.GetValue<string>(), type, StringComparison.Ordinal);
    }

    /// <summary>The next notification or request of a kind; those before it are kept in <see cref="Seen"/>.</summary>
    public async Task<JsonObject> NextAsync(Func<JsonObject, bool> wanted, string what)
    {
        while (true)
        {
            var message = await ReadAsync(what);
            if (wanted(message))
                return message;
        }
    }

    public static bool Is(JsonObject message, string method) => string.Equals(message["method"]?.GetValue<string>(), method, StringComparison.Ordinal);

    /// <summary>Ends it the way that lets it tidy up: by the end of its stdin. Returns its exit code.</summary>
    public async Task<int> EndAsync()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(AnswerLimit);
        await _process.WaitForExitAsync(limit.Token);
        await _reading;
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await EndAsync();
        _process.Dispose();
    }

    private async Task SendAsync(JsonObject message)
    {
        await _process.StandardInput.WriteAsync(message.ToJsonString() + "\n");
        await _process.StandardInput.FlushAsync();
    }

    private async Task<JsonObject> ReadAsync(string what)
    {
        using var limit = new CancellationTokenSource(AnswerLimit);
        try
        {
            var message = await _incoming.Reader.ReadAsync(limit.Token);
            if (message["method"] is not null)
                _seen.Add(message);
            if (message["method"] is not null && message["id"] is { } request)
                await SendAsync(new JsonObject { ["id"] = request.DeepClone(), ["result"] = Consent(message["method"]!.GetValue<string>()) });
            return message;
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            throw new TimeoutException($"the app-server did not send {what}; it sent:\n{string.Join('\n', _seen.Select(m => m.ToJsonString()))}", e);
        }
    }

    // Whatever it asks, it may.
    private static JsonObject Consent(string method) =>
        method.Contains("elicitation", StringComparison.Ordinal) ? new JsonObject { ["action"] = "accept", ["content"] = new JsonObject(), ["_meta"] = null } : new JsonObject { ["decision"] = "accept" };

    private async Task ReadAllAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
            if (JsonNode.Parse(line) is JsonObject message)
                await _incoming.Writer.WriteAsync(message);
        _incoming.Writer.Complete();
    }
}
