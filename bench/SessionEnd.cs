using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.Bench;

/// <summary>The hook at the end of a session where it is worst: thousands of files, brokers that accept and never answer, one whose socket is full, one that is gone.</summary>
internal static class SessionEnd
{
    private const int Jobs = 1_000;
    private const double GoalMs = 200;

    /// <summary>What the host writes to a hook.</summary>
    public static string Input(string hook) => JsonSerializer.Serialize(new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["session_id"] = "bench",
        ["transcript_path"] = "/home/me/.claude/projects/p/bench.jsonl",
        ["hook_event_name"] = hook,
        ["reason"] = "other",
    });

    public static async Task RunAsync(int rounds)
    {
        await using var home = PrivateHome.Create();
        var environment = home.Environ();
        var root = Path.Combine(home.State, "codex-companion");
        using var mute = Listen(home, "mute", backlog: 512);
        using var full = Listen(home, "full", backlog: 1);
        using var waiting = Fill(home, "full");
        foreach (var name in (string[])["mute", "full", "gone"])
            WriteWorkspace(Path.Combine(root, name + "-0123456789abcdef"), Path.Combine(home.Root, name + ".sock"), name == "mute" ? Jobs : 0);

        var all = new Rounds();
        var hook = all.Add($"hook session-end, {Jobs} jobs, mute brokers", () =>
            ChildUsage.RunAsync(ToolUnderTest.Path, ["hook", "session-end"], environment, home.Workspace, Input("SessionEnd")));
        Console.WriteLine("\nend of a session");
        await all.RunAsync(rounds);
        all.Print();
        Console.WriteLine($"  slowest {hook.SlowestWall:0} ms (goal: below {GoalMs:0} ms)");
    }

    private static Socket Listen(PrivateHome home, string name, int backlog)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(home.Root, name + ".sock")));
        socket.Listen(backlog);
        return socket;
    }

    /// <summary>Connections nobody takes, until there is no room for one more.</summary>
    private static Connections Fill(PrivateHome home, string name)
    {
        var connections = new Connections();
        var endpoint = new UnixDomainSocketEndPoint(Path.Combine(home.Root, name + ".sock"));
        while (connections.TryAdd(endpoint))
        {
            // One more.
        }

        return connections;
    }

    private static void WriteWorkspace(string folder, string endpoint, int jobs)
    {
        var records = Directory.CreateDirectory(Path.Combine(folder, "jobs")).FullName;
        File.WriteAllText(Path.Combine(folder, "broker.json"), $$"""
            {"version":1,"instanceId":"bench","endpoint":"{{endpoint}}","process":{"pid":{{Environment.ProcessId}},"startTime":"1","bootId":null,"pidNamespace":null},
             "startedAt":"2026-01-01T00:00:00.000Z","protocol":1,"toolVersion":"0","fingerprint":"f","logFile":"/l"}
            """);
        var all = Enumerable.Range(0, jobs).Select(i => (Id: string.Create(CultureInfo.InvariantCulture, $"task-bench{i:0000}-abcdefg"), Status: i % 2 == 0 ? "completed" : "failed")).ToList();
        foreach (var (id, status) in all)
        {
            File.WriteAllText(Path.Combine(records, id + ".json"), RecordOf(id, status));
            File.WriteAllText(Path.Combine(records, id + ".log"), "[2026-01-01T00:00:00.000Z] Started.\n");
        }

        File.WriteAllText(Path.Combine(folder, "jobs.json"), $"{{\"version\":1,\"config\":{{}},\"jobs\":[{string.Join(',', all.Select(job => RecordOf(job.Id, job.Status)))}]}}");
    }

    private static string RecordOf(string id, string status) => $$"""
        {"version":1,"id":"{{id}}","kind":"rescue","title":"Codex Task","jobClass":"task","summary":"one of many","status":"{{status}}","sessionId":"bench","createdAt":"2026-01-01T00:00:00.000Z","completedAt":"2026-01-01T00:00:01.000Z"}
        """;

    private sealed class Connections : IDisposable
    {
        private readonly List<Socket> _all = [];

        public bool TryAdd(UnixDomainSocketEndPoint endpoint)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
            _all.Add(socket);
            try
            {
                socket.Connect(endpoint);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }

        public void Dispose() => _all.ForEach(socket => socket.Dispose());
    }
}
