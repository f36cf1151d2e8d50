using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.Bench;

/// <summary>A broker process of the tool under test, in a home of its own, started as the tool starts it.</summary>
internal sealed class BenchedBroker : IAsyncDisposable
{
    // What the launcher gives a broker: its memory depends on it.
    private static readonly Dictionary<string, string> Runtime = new(StringComparer.Ordinal)
    {
        ["DOTNET_EnableDiagnostics"] = "0",
        ["DOTNET_GCConserveMemory"] = "7",
        ["DOTNET_GCgen0size"] = "400000",
        ["DOTNET_TieredCompilation"] = "1",
        ["DOTNET_TC_CallCountThreshold"] = "2710",
    };

    private readonly RunningProgram _program;
    private readonly string _endpoint;

    private BenchedBroker(PrivateHome home, RunningProgram program, JsonNode record)
    {
        (Home, _program) = (home, program);
        _endpoint = record["endpoint"]!.GetValue<string>();
        Pid = record["process"]!["pid"]!.GetValue<int>();
    }

    public PrivateHome Home { get; }

    public int Pid { get; }

    /// <summary>Processor time so far, in seconds.</summary>
    public double Cpu
    {
        get
        {
            using var process = Process.GetProcessById(Pid);
            return process.TotalProcessorTime.TotalSeconds;
        }
    }

    /// <summary>Resident memory, in bytes.</summary>
    public long Resident
    {
        get
        {
            using var process = Process.GetProcessById(Pid);
            return process.WorkingSet64;
        }
    }

    /// <summary>Starts one.</summary>
    /// <param name="codex">What it starts as codex: this program (<see cref="Firehose"/>), or the tool itself (its simulated app-server).</param>
    public static async Task<BenchedBroker> StartAsync(string codex)
    {
        var home = PrivateHome.Create();
        await File.WriteAllTextAsync(Path.Combine(home.CodexHome, "simulation.json"), "{}");
        File.Delete(Path.Combine(home.CodexHome, "config.toml"));
        var environment = home.Environ(codex);
        foreach (var (name, value) in Runtime)
            environment[name] = value;
        var instance = Guid.NewGuid().ToString("N")[..12]; // Never a test's: what carries a test's mark is ended by that test.
        string[] arguments = ["broker", "serve", "--instance", instance, "--workspace", home.Workspace, "--codex", codex, "--fingerprint", "0123456789abcdef"];
        var program = RunningProgram.Start(ToolUnderTest.Path, arguments, environment, home.Workspace);
        string? record = null;
        await Eventually.TrueAsync(
            () => (record = Directory.EnumerateFiles(home.State, "broker.json", SearchOption.AllDirectories).FirstOrDefault()) is not null,
            $"the broker runs. {program.ErrorSoFar}");
        return new BenchedBroker(home, program, JsonNode.Parse(await File.ReadAllTextAsync(record!))!);
    }

    /// <summary>A client that has introduced itself.</summary>
    public async Task<LoadClient> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(_endpoint));
        var stream = new NetworkStream(socket, ownsSocket: true);
        var client = new LoadClient(stream, stream, isBroker: true);
        await client.GreetAsync();
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        _program.Send(Signal.Terminate);
        await _program.EndAsync();
        await _program.DisposeAsync();
        await Home.DisposeAsync();
    }
}
