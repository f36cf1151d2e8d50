using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.StateStore.Disk;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.AppServer;

/// <summary>A shell script in the place of codex, and all that is needed to start it.</summary>
internal sealed class FakeCodex : IDisposable
{
    /// <summary>Reads lines until the end of its input and answers <c>initialize</c> as 0.169 does.</summary>
    public const string Answers = Start + " done";

    /// <summary>The same, still open for what should happen to other lines.</summary>
    public const string Start =
        "while read -r line; do case \"$line\" in *'\"initialize\"'*) echo '" + Initialized + "'; continue;; esac;";

    public const string Initialized =
        """{"id":1,"result":{"userAgent":"codex-companion/0.169.0 (Debian 12.0.0; x86_64) unknown (codex-companion; 0.1.0)","codexHome":"/home"}}""";

    private readonly ScratchFolder _folder = new();

    public FakeCodex(string script)
    {
        // Run by the shell's path: a script just written and executed itself is now and then "busy".
        var path = _folder.Write("codex", script);
        Codex = new CodexBinary("/bin/sh", [path], path, script.Length, DateTimeOffset.UnixEpoch);
        var homes = new CodexHomeLock(_folder["locks"], NativeDisk.Instance, Child.Table, TimeProvider.System);
        Launcher = new AppServerLauncher(Child.Table, homes, TimeProvider.System);
    }

    public CodexBinary Codex { get; init; }

    public AppServerLauncher Launcher { get; }

    public string Instance { get; } = Child.UniqueMark();

    public Dictionary<string, string> Environment { get; } = new(Child.OnlyPath, StringComparer.Ordinal);

    public TimeLimits Limits { get; init; } = new();

    public string this[string name] => _folder[name];

    public ProcessTree Tree { get; } = new(Child.Table);

    public Recorder Said { get; } = new();

    public Task<AppServerStart> TryStartAsync(IRpcReceiver? receiver = null, CancellationToken cancellationToken = default)
    {
        Environment["HOME"] = _folder.Path;
        return Launcher
            .StartAsync(Codex, Environment, Instance, _folder.Path, Limits, receiver ?? Said, cancellationToken)
            .WaitAsync(Wait.Limit, CancellationToken.None);
    }

    public async Task<AppServerProcess> StartAsync(IRpcReceiver? receiver = null) =>
        Assert.IsType<AppServerStart.Started>(await TryStartAsync(receiver)).Server;

    public async Task<AppServerStart.Failed> FailAsync() => Assert.IsType<AppServerStart.Failed>(await TryStartAsync());

    public IReadOnlyList<FoundProcess> Left() => Tree.Marked(ProcessTree.InstanceVariable, Instance);

    public void Dispose() => _folder.Dispose();
}

/// <summary>Writes down what an app-server says by itself.</summary>
internal sealed class Recorder : IRpcReceiver
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];

    public string All
    {
        get
        {
            lock (_gate)
                return string.Join('\n', _lines);
        }
    }

    public void OnNotification(RpcMessage message) => Add("notification " + message.Method);

    public void OnRequest(RpcMessage message) => Add("request " + message.Method);

    public void OnNoise(string problem) => Add("noise " + problem);

    private void Add(string line)
    {
        lock (_gate)
            _lines.Add(line);
    }
}
