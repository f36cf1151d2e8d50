using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace CodexCompanion.EndToEnd.Tests.Simulated;

/// <summary>A client of a broker that speaks to its socket itself, and may stop reading when it likes.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private StreamReader _reader = StreamReader.Null;
    private int _lastId;

    /// <summary>What it was told besides answers, in order.</summary>
    public List<JsonObject> Heard { get; } = [];

    /// <summary>The threads it was told anything about.</summary>
    public IEnumerable<string> ThreadsHeardOf => Heard.Select(m => SimulatedUser.Text(m["params"]!.AsObject(), "threadId")).OfType<string>().Distinct(StringComparer.Ordinal);

    public static async Task<RawClient> ConnectAsync(string endpoint)
    {
        var client = new RawClient();
        await client._socket.ConnectAsync(new UnixDomainSocketEndPoint(endpoint));
        client._reader = new StreamReader(new NetworkStream(client._socket), Encoding.UTF8);
        await client.CallAsync("broker/hello", new() { ["cookie"] = "c", ["protocol"] = 1, ["jobId"] = "raw" });
        return client;
    }

    public async Task<string> StartThreadAsync(string workspace) =>
        (await CallAsync("thread/start", new() { ["cwd"] = workspace, ["sandbox"] = "read-only", ["approvalPolicy"] = "never" }))["thread"]!["id"]!.GetValue<string>();

    public Task<JsonObject> StartTurnAsync(string thread, string prompt) =>
        CallAsync("turn/start", new() { ["threadId"] = thread, ["input"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = prompt }) });

    /// <summary>Calls, and reads until the answer.</summary>
    public async Task<JsonObject> CallAsync(string method, JsonObject parameters)
    {
        var id = ++_lastId;
        await _socket.SendAsync(Encoding.UTF8.GetBytes(new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters }.ToJsonString() + "\n"));
        while (true)
        {
            var message = await ReadAsync();
            if (message["method"] is not null)
                Heard.Add(message);
            else if (message["id"]!.GetValue<int>() == id)
                return message["result"]?.AsObject() ?? throw new InvalidOperationException(message.ToJsonString());
        }
    }

    /// <summary>Reads until it is told this.</summary>
    public async Task UntilAsync(string method)
    {
        while (!Heard.Exists(m => SimulatedUser.Text(m, "method") == method))
            Heard.Add(await ReadAsync());
    }

    private async Task<JsonObject> ReadAsync() =>
        JsonNode.Parse(await _reader.ReadLineAsync() ?? throw new EndOfStreamException("The broker hung up."))!.AsObject();

    public void Dispose()
    {
        _reader.Dispose();
        _socket.Dispose();
    }
}
