using System.Net.Sockets;
using System.Text.Json;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using Xunit;

namespace CodexCompanion.Tool.Tests.Hooks;

public sealed class SessionEndHookTests : IDisposable
{
    private readonly ToolBench _bench = new();
    private readonly List<Socket> _sockets = [];

    public void Dispose()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
        _bench.Dispose();
    }

    [Fact]
    public async Task It_gives_up_the_hold_of_its_own_session_on_every_broker()
    {
        if (OperatingSystem.IsWindows())
            return;
        var (first, second) = (Serve("a"), Serve("b"));
        _bench.Variables["CLAUDE_CODE_SESSION_ID"] = "the-next-one";
        _bench.Variables["CODEX_COMPANION_SESSION_END_HOOK_LIMIT"] = "1m";
        _bench.StdinText("{\"session_id\":\"s1\",\"reason\":\"clear\"}");
        var end = await _bench.RunAsync("hook", "session-end");
        Assert.Equal((0, "", ""), (end.ExitCode, end.Out, end.Error));
        foreach (var said in await Task.WhenAll(first, second))
            Assert.Equal(["broker/hello ", "broker/session/release s1"], said);
    }

    [Fact]
    public async Task A_broker_that_never_answers_is_told_and_not_waited_for()
    {
        if (OperatingSystem.IsWindows())
            return;
        var listener = Listen("mute");
        _bench.Variables["CODEX_COMPANION_SESSION_END_HOOK_LIMIT"] = "10m";
        _bench.StdinText("{\"session_id\":\"s1\"}");

        // Accepted only when the hook has ended.
        var end = await _bench.RunAsync("hook", "session-end");
        Assert.Equal((0, "", ""), (end.ExitCode, end.Out, end.Error));
        using var reader = new StreamReader(new NetworkStream(await listener.AcceptAsync(), ownsSocket: true));
        Assert.Contains("\"s1\"", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing listens")]
    [InlineData("not json")]
    [InlineData("no record")]
    public async Task Remains_of_brokers_do_not_matter(string what)
    {
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(_bench.StateRootPath, "w-1")).FullName, "broker.json");
        if (what == "nothing listens")
            Record("w-1", Path.Combine(_bench.Root, "gone.sock"));
        else if (what == "not json")
            await File.WriteAllTextAsync(file, "{ torn");
        var before = Snapshot();
        _bench.StdinText("{\"session_id\":\"s1\"}");
        var end = await _bench.RunAsync("hook", "session-end");
        Assert.Equal((0, "", ""), (end.ExitCode, end.Out, end.Error));
        Assert.Equal(before, Snapshot());
    }

    [Fact]
    public async Task It_changes_no_job_and_deletes_nothing()
    {
        var store = _bench.Store;
        store.CreateJob(new JobRecord { Id = JobIds.NewTaskId(TimeProvider.System), Status = JobStatus.Running, SessionId = "s1", Process = new ProcessTable().Self });
        store.CreateJob(new JobRecord { Id = JobIds.NewTaskId(TimeProvider.System), Status = JobStatus.Completed, SessionId = "s1" });
        var before = Snapshot();
        _bench.StdinText("{\"session_id\":\"s1\",\"reason\":\"logout\"}");
        await _bench.RunAsync("hook", "session-end");
        Assert.Equal(before, Snapshot());
    }

    private Dictionary<string, string> Snapshot() => Directory
        .EnumerateFiles(_bench.StateRootPath, "*", SearchOption.AllDirectories)
        .ToDictionary(path => path, File.ReadAllText, StringComparer.Ordinal);

    private Socket Listen(string name)
    {
        var endpoint = Path.Combine(_bench.Root, name + ".sock");
        var listener = BrokerEndpoint.Listen(endpoint);
        _sockets.Add(listener);
        Record(name, endpoint);
        return listener;
    }

    private void Record(string workspace, string endpoint)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_bench.StateRootPath, workspace)).FullName;
        var self = new ProcessTable().Self;
        File.WriteAllText(Path.Combine(folder, "broker.json"), $$"""
            {"version":1,"instanceId":"abc","endpoint":"{{endpoint}}","process":{"pid":{{self.Pid}},"startTime":"1","bootId":null,"pidNamespace":null},
             "startedAt":"2026-01-01T00:00:00.000Z","protocol":1,"toolVersion":"0","fingerprint":"f","logFile":"/l"}
            """);
        Assert.Contains(StateStore.BrokerRecords.Below(_bench.StateRootPath), record => record.Endpoint == endpoint);
    }

    /// <summary>A broker that hears one client out, and tells what it said.</summary>
    private async Task<IReadOnlyList<string>> Serve(string name)
    {
        var listener = Listen(name);
        using var reader = new StreamReader(new NetworkStream(await listener.AcceptAsync(), ownsSocket: true));
        var said = new List<string>();
        while (await reader.ReadLineAsync() is { } line)
        {
            using var request = JsonDocument.Parse(line);
            var session = request.RootElement.GetProperty("params").GetProperty("sessionId").GetString();
            said.Add($"{request.RootElement.GetProperty("method").GetString()} {session}");
        }

        return said;
    }
}
