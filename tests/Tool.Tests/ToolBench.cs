using System.Text;
using System.Text.Json;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.TestProcesses;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Rendering;
using Xunit;

namespace CodexCompanion.Tool.Tests;

/// <summary>How a command line ended.</summary>
internal sealed record ToolEnd(int ExitCode, byte[] OutBytes, string Error)
{
    public string Out => Encoding.UTF8.GetString(OutBytes);

    /// <summary>stdout as the one JSON object it must be.</summary>
    public JsonElement Json
    {
        get
        {
            using var document = JsonDocument.Parse(OutBytes);
            return document.RootElement.Clone();
        }
    }
}

/// <summary>Runs command lines in this process: real state in a private folder, a scripted run instead of the pipeline.</summary>
internal sealed class ToolBench : IDisposable
{
    public ToolBench()
    {
        Root = Directory.CreateTempSubdirectory("companion-tool-tests-").FullName;
        Work = RepositoryRoot.Make(Path.Combine(Root, "work"));
        Directory.CreateDirectory(Path.Combine(Root, "home"));
        StateRootPath = Path.Combine(Root, "state");
        CurrentDirectory = Work;
        Variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["HOME"] = Path.Combine(Root, "home"),
            ["XDG_CONFIG_HOME"] = Path.Combine(Root, "config"),
            ["CODEX_COMPANION_STATE_DIR"] = StateRootPath,
        };
    }

    public string Root { get; }

    public string Work { get; }

    public string StateRootPath { get; }

    public string CurrentDirectory { get; set; }

    public Dictionary<string, string> Variables { get; }

    public FakeTurnRun Run { get; } = new();

    public FakeStopSignals Signals { get; } = new();

    /// <summary>What stands on stdin; reading it when it is null fails the test.</summary>
    public Stream? Stdin { get; set; }

    public bool StdinIsTerminal { get; set; }

    public bool ErrorIsTerminal { get; set; }

    public bool OutputIsTerminal { get; set; }

    public Stream? Stdout { get; set; }

    /// <summary>What background jobs are started with; null for the built tool.</summary>
    public OwnProgram? Program { get; set; }

    public TimeProvider Time { get; set; } = TimeProvider.System;

    public bool StdinTouched { get; private set; }

    public IStateStore Store
    {
        get
        {
            var workspace = Workspace.Resolve(Work);
            return Wiring.OpenStore(Host(new MemoryStream(), new MemoryStream()), workspace, StateRootPath);
        }
    }

    /// <summary>The one job there is.</summary>
    public JobRecord Job
    {
        get
        {
            var store = Store;
            return store.ReadJob(Assert.Single(store.ListJobs()).Id).Value!;
        }
    }

    public string JobLog => File.ReadAllText(Job.LogFile!);

    public void StdinText(string text) => Stdin = new MemoryStream(Encoding.UTF8.GetBytes(text));

    public string WriteFile(string name, string content)
    {
        var path = Path.Combine(Work, name);
        File.WriteAllText(path, content);
        return path;
    }

    public string WriteUserConfig(string content)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Root, "config", "codex-companion")).FullName;
        var path = Path.Combine(folder, "config.json");
        File.WriteAllText(path, content);
        return path;
    }

    public async Task<ToolEnd> RunAsync(params string[] arguments)
    {
        using var output = new MemoryStream();
        using var error = new MemoryStream();
        var exitCode = await Entry.RunAsync(CommandCatalog.Root, arguments, Host(Stdout ?? output, error));
        return new ToolEnd(exitCode, output.ToArray(), Encoding.UTF8.GetString(error.ToArray()));
    }

    public ToolHost Host(Stream output, Stream error) => new()
    {
        Variables = Variables,
        CurrentDirectory = CurrentDirectory,
        Streams = new StandardStreams(OpenStdin, () => output, () => error)
        {
            InputIsTerminal = () => StdinIsTerminal,
            ErrorIsTerminal = () => ErrorIsTerminal,
            OutputIsTerminal = () => OutputIsTerminal,
        },
        OpenStore = Wiring.OpenStore,
        CreateRun = (_, setup) =>
        {
            Run.Setup = setup;
            return Run;
        },
        ListenForStop = () => Signals,
        Time = Time,
        Program = () => Program ?? new OwnProgram(Path.Combine(AppContext.BaseDirectory, "codex-companion"), [], ""),
    };

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private Stream OpenStdin()
    {
        StdinTouched = true;
        return Stdin ?? throw new InvalidOperationException("stdin was touched.");
    }
}
