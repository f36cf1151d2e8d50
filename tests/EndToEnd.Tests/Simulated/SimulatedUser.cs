using System.Text.Json.Nodes;
using CodexCompanion.EndToEnd.Tests.Harness;
using CodexCompanion.EndToEnd.Tests.Tool;

namespace CodexCompanion.EndToEnd.Tests.Simulated;

/// <summary>Somebody who uses the tool in a workspace of his own with the simulated app-server: no install, and a journal of what was really done.</summary>
internal sealed class SimulatedUser : IAsyncDisposable
{
    private readonly Dictionary<string, string> _environment;

    public SimulatedUser(Dictionary<string, string>? more = null, string? tool = null, string script = "{}")
    {
        Tool = tool ?? ToolUnderTest.Path;
        File.Delete(Path.Combine(Home.CodexHome, "config.toml"));
        File.WriteAllText(Path.Combine(Home.CodexHome, "simulation.json"), script);
        _environment = Home.Environ(ToolUnderTest.Path);
        foreach (var (name, value) in more ?? [])
            _environment[name] = value;
    }

    public PrivateHome Home { get; } = PrivateHome.Create();

    /// <summary>The program it calls.</summary>
    public string Tool { get; set; }

    /// <summary>Puts a shell script in the place of codex; it has the app-server's arguments and may do anything before and after.</summary>
    public void UseCodex(string script)
    {
        var path = Path.Combine(Home.Root, "codex-script");
        File.WriteAllText(path, "#!/bin/sh\n" + script + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _environment["CODEX_COMPANION_CODEX"] = path;
    }

    /// <summary>Sets a variable for all programs started from now on.</summary>
    public void Set(string name, string value) => _environment[name] = value;

    /// <summary>The processes that serve as broker.</summary>
    public IReadOnlyList<SeenProcess> Brokers() => [.. Home.Processes().Where(p => p.CommandLine.Contains(" broker serve", StringComparison.Ordinal))];

    /// <summary>What the broker's log says so far.</summary>
    public string BrokerLog() => string.Concat(Directory.EnumerateFiles(Home.State, "broker.log", SearchOption.AllDirectories).Select(File.ReadAllText));

    /// <summary>The socket of the broker that stands in the record.</summary>
    public string Endpoint() => Text(Home.BrokerRecord()!, "endpoint")!;

    public RunningProgram Start(params string[] arguments) => RunningProgram.Start(Tool, arguments, _environment, Home.Workspace);

    public async Task<ProgramRun> RunAsync(params string[] arguments)
    {
        await using var program = Start(arguments);
        return await program.EndAsync();
    }

    public async Task<TaskResult> TaskAsync(params string[] arguments) => TaskResult.Of(await RunAsync(["task", "--json", .. arguments]));

    public async Task<BrokerStatus> BrokerAsync() => BrokerStatus.Of(await RunAsync("broker", "status", "--json"));

    /// <summary>What the simulated servers did, in order.</summary>
    public IReadOnlyList<JsonObject> Journal()
    {
        var file = Path.Combine(Home.CodexHome, "simulation", "journal.jsonl");
        var lines = File.Exists(file) ? File.ReadAllLines(file) : [];
        return [.. lines.Select(PrivateHome.TryParse).OfType<JsonObject>()]; // One that was killed in the middle of its line left half of it.
    }

    /// <summary>Events of one name.</summary>
    public IEnumerable<JsonObject> Events(string name) => Journal().Where(e => Text(e, "event") == name);

    /// <summary>Turns that began and did not get to their end: something was killed under them. (A server whose client is killed still writes that they were
    /// interrupted; one that is killed itself writes nothing.)</summary>
    public int TurnsCutShort()
    {
        var completed = Events("turn-ended").Where(e => Text(e, "status") == "completed").Select(e => Text(e, "turnId")).ToHashSet(StringComparer.Ordinal);
        return Events("turn-started").Count(e => !completed.Contains(Text(e, "turnId")));
    }

    /// <summary>Whether a turn runs in a server that lives.</summary>
    public bool TurnRuns()
    {
        var ended = Events("turn-ended").Select(e => Text(e, "turnId")).ToHashSet(StringComparer.Ordinal);
        return Events("turn-started").Any(e => !ended.Contains(Text(e, "turnId")) && ProcessTable.Lives(e["pid"]!.GetValue<int>()));
    }

    public static string? Text(JsonObject from, string member) => from[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>Everything the product has written below its state folder, by path.</summary>
    public IReadOnlyDictionary<string, string> StateFiles() => Directory.EnumerateFiles(Home.State, "*", SearchOption.AllDirectories)
        .Where(f => !f.EndsWith(".lock", StringComparison.Ordinal))
        .ToDictionary(f => f, File.ReadAllText, StringComparer.Ordinal);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await RunAsync("broker", "stop");
        }
        finally
        {
            await Home.DisposeAsync();
        }
    }
}
