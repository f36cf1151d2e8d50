using System.Diagnostics;
using System.Text.Json;
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
    private readonly Task _reading;
    private int _lastId;

    private RawAppServer(Process process)
    {
        _process = process;
        _reading = Task.Run(ReadAsync);
        process.ErrorDataReceived += (_, _) => { }; // read and dropped, so that the pipe never fills
        process.BeginErrorReadLine();
    }

    /// <summary>Every message it has sent, in its order.</summary>
    public IReadOnlyList<JsonObject> Seen => _seen;

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
    public async Task<JsonObject> CallAsync(string method, JsonObject parameters)
    {
        var id = ++_lastId;
        await SendAsync(new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters });
        return await NextAsync(message => message["method"] is null && message["id"]?.GetValueKind() == JsonValueKind.Number && message["id"]!.GetValue<int>() == id, $"an answer to {method}");
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

    /// <summary>Runs a turn to its end and returns it as <c>turn/completed</c> has it.</summary>
    public async Task<JsonObject> RunTurnAsync(string threadId, string prompt)
    {
        var turn = await StartTurnAsync(threadId, prompt);
        var completed = await NextAsync(message => Is(message, "turn/completed") && string.Equals(message["params"]!["turn"]!["id"]!.GetValue<string>(), turn, StringComparison.Ordinal), "the end of the turn");
        return completed["params"]!["turn"]!.AsObject();
    }

    /// <summary>The next message of a kind; those before it are kept in <see cref="Seen"/>.</summary>
    public async Task<JsonObject> NextAsync(Func<JsonObject, bool> wanted, string what)
    {
        using var limit = new CancellationTokenSource(AnswerLimit);
        try
        {
            while (true)
            {
                var message = await _incoming.Reader.ReadAsync(limit.Token);
                _seen.Add(message);
                if (wanted(message))
                    return message;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            throw new TimeoutException($"the app-server did not send {what}; it sent:\n{string.Join('\n', _seen.Select(m => m.ToJsonString()))}", e);
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

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
            if (JsonNode.Parse(line) is JsonObject message)
                await _incoming.Writer.WriteAsync(message);
        _incoming.Writer.Complete();
    }
}
