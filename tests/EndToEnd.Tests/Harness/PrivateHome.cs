using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CodexCompanion.EndToEnd.Tests.Codex;
using CodexCompanion.EndToEnd.Tests.Model;

namespace CodexCompanion.EndToEnd.Tests.Harness;

/// <summary>
/// A user of a test's own: home, XDG folders, temp, CODEX_HOME pointing at a stub, state root and a git workspace, all below one folder with a short name
/// (socket paths have 107 bytes at most). Its end checks that nothing is left running or listening, then removes it.
/// </summary>
internal sealed class PrivateHome : IAsyncDisposable
{
    // A broker that was told to stop, and what it started, is gone well within this time.
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(15);

    private PrivateHome(string root) => Root = root;

    /// <summary>The folder all of it lies in; occurs in the environment of every process started here.</summary>
    public string Root { get; }

    public ModelStub Model { get; } = new();

    public string Workspace => Path.Combine(Root, "ws");

    public string CodexHome => Path.Combine(Root, "codex");

    public string State => Path.Combine(Root, "state");

    public string Temp => Path.Combine(Root, "tmp");

    private string RuntimeDirectory => Path.Combine(Root, "run");

    public static PrivateHome Create()
    {
        var name = $"cce-{Environment.ProcessId.ToString("x", CultureInfo.InvariantCulture)}-{Guid.NewGuid().ToString("N")[..6]}";
        var home = new PrivateHome(Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), name)).FullName);
        foreach (var folder in (string[])["home", "config", "cache", "data"])
            Directory.CreateDirectory(Path.Combine(home.Root, folder));
        foreach (var folder in (string[])[home.Workspace, home.CodexHome, home.State, home.Temp, home.RuntimeDirectory])
            MakePrivate(folder);
        InitializeRepository(home.Workspace);
        File.WriteAllText(Path.Combine(home.CodexHome, "config.toml"), CodexConfig.PointingAt(home.Model.BaseUrl));
        return home;
    }

    /// <summary>An environment from scratch: nothing of the tests' own surroundings but the PATH of the system and the place of .NET.</summary>
    public Dictionary<string, string> Environ(string? codex = null)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = "/usr/local/bin:/usr/bin:/bin",
            ["HOME"] = Path.Combine(Root, "home"),
            ["LANG"] = "C.UTF-8",
            ["TMPDIR"] = Temp,
            ["XDG_CONFIG_HOME"] = Path.Combine(Root, "config"),
            ["XDG_CACHE_HOME"] = Path.Combine(Root, "cache"),
            ["XDG_DATA_HOME"] = Path.Combine(Root, "data"),
            ["XDG_STATE_HOME"] = State,
            ["XDG_RUNTIME_DIR"] = RuntimeDirectory,
            ["CODEX_HOME"] = CodexHome,
            ["DOTNET_ROOT"] = ToolUnderTest.DotnetRoot,
        };
        if (codex is not null)
            environment["CODEX_COMPANION_CODEX"] = codex;
        return environment;
    }

    /// <summary>The path of a file in the workspace.</summary>
    public string InWorkspace(string name) => Path.Combine(Workspace, name);

    /// <summary>The file of the broker's record; null when there is none.</summary>
    public string? BrokerFile() => Directory.EnumerateFiles(State, "broker.json", SearchOption.AllDirectories).FirstOrDefault();

    /// <summary>The record of the broker as it stands on disk; null when there is none, or it cannot be understood.</summary>
    public JsonObject? BrokerRecord()
    {
        try
        {
            return BrokerFile() is { } file ? TryParse(File.ReadAllText(file)) : null;
        }
        catch (IOException)
        {
            return null; // It went between the two looks.
        }
    }

    /// <summary>Reads an object; null for anything else.</summary>
    public static JsonObject? TryParse(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null; // Torn, or no JSON at all.
        }
    }

    /// <summary>The processes that were started here and live.</summary>
    public IReadOnlyList<SeenProcess> Processes() => ProcessTable.BelongingTo(Root);

    /// <summary>Waits until nothing that was started here lives; what still does is killed and reported.</summary>
    public async Task NothingIsLeftAsync(TimeSpan? limit = null)
    {
        IReadOnlyList<SeenProcess> left = [];
        try
        {
            await Eventually.TrueAsync(() => (left = Processes()).Count == 0, "all processes have ended", limit ?? EndLimit);
        }
        catch (TimeoutException e)
        {
            foreach (var process in left)
                Signals.Send(process.Pid, Signal.Kill);
            throw new InvalidOperationException($"left running:\n{string.Join('\n', left)}", e);
        }

        var sockets = Leftovers.SocketsBelow(Root);
        if (sockets.Count > 0)
            throw new InvalidOperationException($"left lying about:\n{string.Join('\n', sockets)}");
        if (Model.Failures.Count > 0)
            throw new AggregateException("the stub did not understand what it was sent", Model.Failures);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await NothingIsLeftAsync();
        }
        finally
        {
            await Model.DisposeAsync();
            Directory.Delete(Root, recursive: true);
        }
    }

    // What `git init` makes, as far as git and codex look at it: no git process is needed.
    internal static void InitializeRepository(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, ".git", "objects"));
        Directory.CreateDirectory(Path.Combine(folder, ".git", "refs", "heads"));
        File.WriteAllText(Path.Combine(folder, ".git", "HEAD"), "ref: refs/heads/main\n");
        File.WriteAllText(Path.Combine(folder, ".git", "config"), "[core]\n\trepositoryformatversion = 0\n\tbare = false\n");
    }

    private static void MakePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
