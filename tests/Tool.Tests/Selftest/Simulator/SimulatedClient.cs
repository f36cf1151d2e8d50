using System.IO.Pipes;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using CodexCompanion.Tool.Selftest.Simulator;
using Xunit;

namespace CodexCompanion.Tool.Tests.Selftest.Simulator;

/// <summary>A simulated server on pipes of this process, and a client that writes down all it hears.</summary>
internal sealed class SimulatedClient : IAsyncDisposable
{
    /// <summary>Far more than anything here takes on a busy machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly AnonymousPipeServerStream _toServer = new(PipeDirection.Out);
    private readonly AnonymousPipeServerStream _fromServer = new(PipeDirection.In);
    private readonly CancellationTokenSource _terminate = new();
    private readonly Channel<JsonObject> _heard = Channel.CreateUnbounded<JsonObject>();
    private readonly Task _listening;
    private int _lastId;

    private SimulatedClient(SimulationFolder folder)
    {
        Folder = folder;
        var input = new AnonymousPipeClientStream(PipeDirection.In, _toServer.ClientSafePipeHandle);
        var output = new AnonymousPipeClientStream(PipeDirection.Out, _fromServer.ClientSafePipeHandle);
        Server = Task.Run(() => SimulatedAppServer.RunAsync(folder.Home, input, output, Stderr, _terminate.Token));
        _listening = Task.Run(ListenAsync);
    }

    public SimulationFolder Folder { get; }

    public Task<int> Server { get; }

    public StringWriter Stderr { get; } = new();

    /// <summary>All messages so far, in order.</summary>
    public List<JsonObject> Heard { get; } = [];

    /// <summary>Lines that were no messages.</summary>
    public List<string> Noise { get; } = [];

    /// <summary>A server to which nothing has been said.</summary>
    public static SimulatedClient Connect(SimulationFolder folder) => new(folder);

    /// <summary>A server that has been initialised.</summary>
    public static async Task<SimulatedClient> StartAsync(SimulationFolder folder)
    {
        var client = new SimulatedClient(folder);
        await client.InitializeAsync();
        return client;
    }

    public Task<JsonObject> InitializeAsync(params string[] unwanted) => CallAsync("initialize", new JsonObject
    {
        ["clientInfo"] = new JsonObject { ["name"] = "tests", ["title"] = null, ["version"] = "1.0" },
        ["capabilities"] = new JsonObject
        {
            ["experimentalApi"] = true,
            ["optOutNotificationMethods"] = new JsonArray([.. unwanted.Select(u => (JsonNode)u)]),
        },
    });

    public void Say(string line)
    {
        _toServer.Write(Encoding.UTF8.GetBytes(line + "\n"));
        _toServer.Flush();
    }

    /// <summary>Asks, and answers with the whole answer: <c>result</c> or <c>error</c>.</summary>
    public async Task<JsonObject> AskAsync(string method, JsonObject? parameters = null)
    {
        var id = Ask(method, parameters);
        return await WaitForAsync(m => m["method"] is null && m["id"]?.GetValue<int>() == id);
    }

    /// <summary>Asks without waiting.</summary>
    public int Ask(string method, JsonObject? parameters = null)
    {
        var id = ++_lastId;
        Say(new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters }.ToJsonString());
        return id;
    }

    /// <summary>Asks for something that is granted.</summary>
    public async Task<JsonObject> CallAsync(string method, JsonObject? parameters = null)
    {
        var answer = await AskAsync(method, parameters);
        Assert.True(answer["error"] is null, answer.ToJsonString());
        return answer["result"]!.AsObject();
    }

    /// <summary>Asks for something that is refused, and answers with the error.</summary>
    public async Task<(int Code, string Message)> RefusedAsync(string method, JsonObject? parameters = null)
    {
        var error = (await AskAsync(method, parameters))["error"];
        Assert.NotNull(error);
        return (error["code"]!.GetValue<int>(), error["message"]!.GetValue<string>());
    }

    public async Task<string> StartThreadAsync(string sandbox = "workspace-write", JsonObject? config = null)
    {
        var result = await CallAsync("thread/start", new JsonObject { ["cwd"] = Folder.Workspace, ["sandbox"] = sandbox, ["config"] = config });
        return result["thread"]!["id"]!.GetValue<string>();
    }

    public static JsonObject Turn(string threadId, string prompt, string? clientId = null) => new()
    {
        ["threadId"] = threadId,
        ["input"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = prompt, ["text_elements"] = new JsonArray() }),
        ["clientUserMessageId"] = clientId,
    };

    /// <summary>Starts a turn.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> StartTurnAsync(string threadId, string prompt, string? clientId = null) =>
        (await CallAsync("turn/start", Turn(threadId, prompt, clientId)))["turn"]!["id"]!.GetValue<string>();

    /// <summary>Runs a turn to its end.</summary>
    /// <returns>The turn as <c>turn/completed</c> shows it.</returns>
    public async Task<JsonObject> RunTurnAsync(string threadId, string prompt, string? clientId = null) =>
        await EndOfAsync(await StartTurnAsync(threadId, prompt, clientId));

    public async Task<JsonObject> EndOfAsync(string turnId)
    {
        var message = await WaitForAsync(m => Method(m) == "turn/completed" && m["params"]!["turn"]!["id"]!.GetValue<string>() == turnId);
        return message["params"]!["turn"]!.AsObject();
    }

    public Task<JsonObject> WaitForAsync(string method) => WaitForAsync(m => Method(m) == method);

    /// <summary>The first message that fits, from those heard already or still to come.</summary>
    public async Task<JsonObject> WaitForAsync(Func<JsonObject, bool> fits)
    {
        if (Heard.Find(m => fits(m)) is { } already)
            return already;
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var message = await _heard.Reader.ReadAsync(patience.Token);
            Heard.Add(message);
            if (fits(message))
                return message;
        }
    }

    /// <summary>Takes in everything until the server is gone.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> WaitForExitAsync()
    {
        var exitCode = await Server.WaitAsync(Patience);
        await _listening.WaitAsync(Patience);
        while (_heard.Reader.TryRead(out var message))
            Heard.Add(message);
        return exitCode;
    }

    public void EndStdin() => _toServer.Dispose();

    public void Terminate() => _terminate.Cancel();

    public static string? Method(JsonObject message) => message["method"]?.GetValue<string>();

    public async ValueTask DisposeAsync()
    {
        EndStdin();
        await Server.WaitAsync(Patience);
        await _listening.WaitAsync(Patience);
        await _fromServer.DisposeAsync();
        _terminate.Dispose();
    }

    private async Task ListenAsync()
    {
        using var reader = new StreamReader(_fromServer, leaveOpen: true);
        while (await reader.ReadLineAsync() is { } line)
        {
            try
            {
                if (JsonNode.Parse(line) is JsonObject message)
                    _heard.Writer.TryWrite(message);
                else
                    Noise.Add(line);
            }
            catch (JsonException)
            {
                Noise.Add(line);
            }
        }

        _heard.Writer.Complete();
    }
}
