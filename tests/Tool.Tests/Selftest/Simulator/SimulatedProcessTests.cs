using System.Diagnostics;
using System.Text.Json.Nodes;
using CodexCompanion.Tool.Selftest.Simulator.Script;
using Xunit;

namespace CodexCompanion.Tool.Tests.Selftest.Simulator;

/// <summary>The simulated server as the process it is in earnest.</summary>
public sealed class SimulatedProcessTests : IDisposable
{
    private const string Hello = """{"id":1,"method":"initialize","params":{"clientInfo":{"name":"tests","version":"1"}}}""";

    private readonly SimulationFolder _folder = new();
    private Process? _server;

    public void Dispose()
    {
        if (_server is { HasExited: false })
            _server.Kill();
        _server?.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task It_exits_with_0_soon_after_its_stdin_ends_in_mid_turn()
    {
        var server = await StartAsync();
        var thread = await StartThreadAsync(server);
        await server.StandardInput.WriteLineAsync(Request(3, "turn/start", SimulatedClient.Turn(thread, "sim: think 60s", "message-1")));
        await ReadUntilAsync(server, m => SimulatedClient.Method(m) == "item/completed");

        var start = TimeProvider.System.GetTimestamp();
        server.StandardInput.Close();
        await server.WaitForExitAsync().WaitAsync(SimulatedClient.Patience);

        Assert.Equal(0, server.ExitCode);
        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(30)); // Long before the minute it would think.
        Assert.Equal("interrupted", Assert.Single(_folder.Journal.Of("turn-ended")).Status);
        Assert.Empty(_folder.Journal.LivePids());
    }

    [Fact]
    public async Task It_really_kills_itself()
    {
        _folder.With(Faults.Kill(FaultPoint.AfterEdit));
        var server = await StartAsync();
        var thread = await StartThreadAsync(server);
        Assert.Equal([server.Id], _folder.Journal.LivePids());

        await server.StandardInput.WriteLineAsync(Request(3, "turn/start", SimulatedClient.Turn(thread, "sim: edit one file.txt")));
        await server.WaitForExitAsync().WaitAsync(SimulatedClient.Patience);

        Assert.NotEqual(0, server.ExitCode);
        Assert.Equal(1, _folder.Journal.FaultCount("kill"));
        Assert.Equal(["one"], _folder.Lines("file.txt"));
        Assert.Empty(_folder.Journal.Of("server-exit"));
        Assert.Empty(_folder.Journal.LivePids());
    }

    [Fact]
    public async Task It_really_closes_its_stdin()
    {
        _folder.With(Faults.CloseStdin());
        var server = await StartAsync();
        var thread = await StartThreadAsync(server);
        await server.StandardInput.WriteLineAsync(Request(3, "turn/start", SimulatedClient.Turn(thread, "Hello")));
        await ReadUntilAsync(server, m => SimulatedClient.Method(m) == "turn/completed");

        // The descriptor is closed just after the answer; writes fail from then on.
        using var patience = new CancellationTokenSource(SimulatedClient.Patience);
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (true)
            {
                await server.StandardInput.WriteLineAsync(Request(4, "account/read", []));
                await Task.Delay(5, patience.Token);
            }
        });
        Assert.False(server.HasExited);
    }

    private static string Request(int id, string method, JsonObject parameters) =>
        new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters }.ToJsonString();

    private static async Task<JsonObject> ReadUntilAsync(Process server, Func<JsonObject, bool> fits)
    {
        using var patience = new CancellationTokenSource(SimulatedClient.Patience);
        while (await server.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            if (JsonNode.Parse(line) is JsonObject message && fits(message))
                return message;
        }

        throw new InvalidOperationException("The server went without saying it.");
    }

    private async Task<Process> StartAsync()
    {
        var name = OperatingSystem.IsWindows() ? "codex-companion.exe" : "codex-companion";
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, name), ["app-server"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["CODEX_HOME"] = _folder.Home;
        _server = Process.Start(start)!;
        _server.StandardInput.AutoFlush = true;
        await _server.StandardInput.WriteLineAsync(Hello);
        await ReadUntilAsync(_server, m => m["id"]?.GetValue<int>() == 1);
        return _server;
    }

    private async Task<string> StartThreadAsync(Process server)
    {
        await server.StandardInput.WriteLineAsync(Request(2, "thread/start", new JsonObject
        {
            ["cwd"] = _folder.Workspace,
            ["sandbox"] = "workspace-write",
        }));
        var answer = await ReadUntilAsync(server, m => m["id"]?.GetValue<int>() == 2);
        return answer["result"]!["thread"]!["id"]!.GetValue<string>();
    }
}
