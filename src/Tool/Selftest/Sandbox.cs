using System.IO.Abstractions;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Selftest.Simulator.Journal;
using CodexCompanion.Tool.Selftest.Simulator.Script;

namespace CodexCompanion.Tool.Selftest;

/// <summary>
/// The world of one row below one folder: home, codex home, state, temporary files, workspace, and an environment that has nothing of the
/// caller's but what a .NET program needs to start.
/// </summary>
internal sealed class Sandbox
{
    // A task takes a second or two, and tens of seconds on a machine that does much else; past this it hangs.
    private static readonly TimeSpan TaskLimit = TimeSpan.FromSeconds(60);

    // Nobody can run a program without these.
    private static readonly string[] Inherited = OperatingSystem.IsWindows()
        ? ["SystemRoot", "SystemDrive", "windir", "ComSpec", "PATH", "PATHEXT", "PROCESSOR_ARCHITECTURE", "NUMBER_OF_PROCESSORS"]
        : ["PATH"];

    private readonly string _folder;
    private readonly OwnProgram _program;
    private readonly Dictionary<string, string> _variables;
    private int _tasks;

    /// <summary>Makes its folders.</summary>
    /// <param name="folder">Its folder; created.</param>
    /// <param name="script">How the simulated app-server behaves.</param>
    /// <param name="program">What to run as <c>codex-companion</c>, and as codex.</param>
    /// <param name="caller">The environment of this process.</param>
    /// <param name="time">The clock.</param>
    public Sandbox(
        string folder, SimulationScript script, OwnProgram program, IReadOnlyDictionary<string, string> caller, TimeProvider time)
    {
        _folder = folder;
        _program = program;
        Time = time;
        foreach (var name in (string[])["home", "codex", "state", "tmp", "workspace/.git", "logs"])
            Directory.CreateDirectory(PathOf(name));
        File.WriteAllText(PathOf("workspace/.git/HEAD"), "ref: refs/heads/main\n"); // Whatever lies above it, this is the root.
        script.WriteTo(CodexHome);
        _variables = Environment(caller);
        var workspace = StateStore.Workspace.Resolve(Workspace);
        Store = new FileStateStore(new FileSystem(), workspace, StatePaths.For(PathOf("state"), workspace), Processes, time);
        Inhabitants = new SandboxProcesses(this);
    }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>The folder the tasks work in.</summary>
    public string Workspace => PathOf("workspace");

    /// <summary>The codex home, with the simulator's script and journal.</summary>
    public string CodexHome => PathOf("codex");

    /// <summary>The folder for temporary files; sockets come to lie below it.</summary>
    public string Temp => PathOf("tmp");

    /// <summary>Looks at processes.</summary>
    public IProcessTable Processes { get; } = new ProcessTable();

    /// <summary>The state of the workspace.</summary>
    public IStateStore Store { get; }

    /// <summary>What runs in it.</summary>
    public SandboxProcesses Inhabitants { get; }

    /// <summary>The environment of its tasks; a row may add to it.</summary>
    public IDictionary<string, string> Variables => _variables;

    /// <summary>Runs a task to its end.</summary>
    /// <exception cref="OperationCanceledException">The self-test was asked to stop; the task's process has been killed.</exception>
    public async Task<TaskRun> RunAsync(TaskCall call, CancellationToken cancellation)
    {
        var log = PathOf($"logs/{Interlocked.Increment(ref _tasks):00}-{call.Mark}.log");
        string[] write = call.Writes ? ["--write"] : [];
        var run = await OwnProcess.RunAsync(
            this, ["task", "--verbose", .. write, .. call.Arguments, call.Prompt], TaskLimit, cancellation);
        await File.WriteAllTextAsync(
            log, $"{call.Prompt}\n\n--- {run.Exit?.Description ?? "killed"}\n--- stdout\n{run.Output}\n--- stderr\n{run.ErrorOutput}", cancellation);
        return new TaskRun(call, run.Exit, run.Output, run.ErrorOutput, log);
    }

    /// <summary>A start of this very program in here.</summary>
    public Pipeline.Processes.ChildStart Start(IReadOnlyList<string> arguments) =>
        new(_program.Path, [.. _program.LeadingArguments, .. arguments], _variables, Workspace);

    /// <summary>The journal as it is now.</summary>
    public SimulationJournal ReadJournal() => SimulationJournal.Read(CodexHome);

    /// <summary>Everything seen so far.</summary>
    public RowEvidence Gather(IReadOnlyList<TaskRun> runs) =>
        new(runs, ReadJournal(), runs.ToDictionary(r => r.Call.Mark, r => LinesOf(r.Call), StringComparer.Ordinal));

    private int LinesOf(TaskCall call)
    {
        var file = Path.Combine(Workspace, call.File);
        return File.Exists(file) ? File.ReadLines(file).Count() : 0;
    }

    private Dictionary<string, string> Environment(IReadOnlyDictionary<string, string> caller)
    {
        // DOTNET_ROOT tells where the runtime is, where that is not the usual place.
        var variables = caller
            .Where(v => Inherited.Contains(v.Key, StringComparer.OrdinalIgnoreCase) || v.Key.StartsWith("DOTNET_ROOT", StringComparison.OrdinalIgnoreCase))
            .ToDictionary(v => v.Key, v => v.Value, StringComparer.Ordinal);
        foreach (var name in (string[])["HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"])
            variables[name] = PathOf("home");
        foreach (var name in (string[])["TMPDIR", "TEMP", "TMP"])
            variables[name] = Temp;
        variables["CODEX_HOME"] = CodexHome;
        variables[StateRoot.Variable] = PathOf("state");
        variables[CodexLocator.Variable] = _program.LeadingArguments is [.., var assembly] ? assembly : _program.Path;

        // Were the self-test killed, nobody would stop its broker: it goes by itself then. Between two tasks of a row lie milliseconds.
        variables["CODEX_COMPANION_IDLE_LIMIT"] = "60s";

        // These live for a second: what protects a server from hostile input costs each of them a tenth of its time.
        variables["DOTNET_EnableWriteXorExecute"] = "0";

        // Processes that are killed would leave diagnostic sockets behind.
        variables["DOTNET_EnableDiagnostics"] = "0";
        return variables;
    }

    private string PathOf(string name) => Path.Combine(_folder, name);
}
