using System.Text;
using System.Text.Json.Nodes;
using CodexCompanion.EndToEnd.Tests.Codex;
using CodexCompanion.EndToEnd.Tests.Harness;
using CodexCompanion.EndToEnd.Tests.Model;
using Xunit.Abstractions;

namespace CodexCompanion.EndToEnd.Tests.Tool;

/// <summary>Somebody who uses the tool in a workspace of his own with a codex of a given version.</summary>
internal sealed class ToolUser : IAsyncDisposable
{
    private readonly ITestOutputHelper _output;
    private readonly Dictionary<string, string> _environment;

    private ToolUser(CodexInstall codex, string writing, ITestOutputHelper output, Dictionary<string, string> more, string? program)
    {
        Codex = codex;
        _output = output;
        _environment = Home.Environ(program ?? codex.Native);
        foreach (var (name, value) in more)
            _environment[name] = value;
        WriteOptions = string.Equals(writing, "workspace-write", StringComparison.Ordinal) ? ["--write"] : ["--sandbox", writing];
    }

    public CodexInstall Codex { get; }

    public PrivateHome Home { get; } = PrivateHome.Create();

    public ModelStub Model => Home.Model;

    /// <summary>The options that let codex write here; see <see cref="WritingSandbox"/>.</summary>
    public string[] WriteOptions { get; }

    public static async Task<ToolUser> StartAsync(string version, ITestOutputHelper output, Dictionary<string, string>? more = null, Func<CodexInstall, string>? program = null)
    {
        var codex = await CodexInstall.OfAsync(version);
        return new ToolUser(codex, await WritingSandbox.ModeAsync(codex), output, more ?? [], program?.Invoke(codex));
    }

    /// <summary>Starts the tool in the workspace without waiting for its end.</summary>
    public RunningProgram Start(params string[] arguments) => RunningProgram.Start(ToolUnderTest.Path, arguments, _environment, Home.Workspace);

    /// <summary>Runs the tool to its end.</summary>
    public async Task<ProgramRun> RunAsync(params string[] arguments)
    {
        await using var program = Start(arguments);
        return await EndAsync(program);
    }

    /// <summary>Waits for the end of a started tool and keeps what it said for the test's report.</summary>
    public async Task<ProgramRun> EndAsync(RunningProgram program)
    {
        var run = await program.EndAsync();
        _output.WriteLine(run.ToString());
        return run;
    }

    /// <summary>Runs <c>task --json</c>, which has to succeed.</summary>
    public async Task<TaskResult> TaskAsync(params string[] arguments)
    {
        await using var program = StartTask(arguments);
        return await TaskEndAsync(program);
    }

    public RunningProgram StartTask(params string[] arguments) => Start(["task", "--json", .. arguments]);

    public async Task<TaskResult> TaskEndAsync(RunningProgram program) => TaskResult.Of(await EndAsync(program));

    /// <summary>Starts a task and waits until the model was asked what its prompt contains.</summary>
    public async Task<RunningProgram> StartedTaskAsync(string marker, params string[] arguments)
    {
        var program = StartTask(arguments);
        await WhileRunningAsync(program, () => Model.Asked(marker).Count > 0, "the model is asked");
        return program;
    }

    /// <summary>Waits for something that has to happen while a program runs: its end before that is the failure.</summary>
    public static async Task WhileRunningAsync(RunningProgram program, Func<bool> condition, string what)
    {
        await Eventually.TrueAsync(() => Task.FromResult(condition() || program.HasExited), () => $"{what}\n{program.OutputSoFar}\n{program.ErrorSoFar}");
        if (!condition())
            Assert.Fail($"it ended before {what}:\n{await program.EndAsync()}");
    }

    /// <summary>What <c>broker status --json</c> says.</summary>
    public async Task<BrokerStatus> BrokerAsync() => BrokerStatus.Of(await RunAsync("broker", "status", "--json"));

    /// <summary>The app-servers that run for this user, whoever started them.</summary>
    public IReadOnlyList<SeenProcess> AppServers() =>
        [.. Home.Processes().Where(p => p.CommandLine.Contains(" app-server", StringComparison.Ordinal) && string.Equals(ProcessTable.Executable(p.Pid), Codex.Native, StringComparison.Ordinal))];

    /// <summary>The record of a job as it stands on disk.</summary>
    public JsonObject Job(string id) =>
        JsonNode.Parse(File.ReadAllText(Directory.EnumerateFiles(Home.State, $"{id}.json", SearchOption.AllDirectories).Single()))!.AsObject();

    public async ValueTask DisposeAsync()
    {
        try
        {
            await RunAsync("broker", "stop");
            Report();
        }
        finally
        {
            await Home.DisposeAsync();
        }
    }

    // Shown by the runner when the test fails.
    private void Report()
    {
        var report = new StringBuilder("journal of the model:\n").AppendJoin('\n', Model.Journal).Append('\n');
        foreach (var path in Directory.EnumerateFiles(Home.State, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            report.Append("== ").AppendLine(Path.GetRelativePath(Home.State, path)).AppendLine(path.EndsWith(".lock", StringComparison.Ordinal) ? "" : File.ReadAllText(path));
        _output.WriteLine(report.ToString());
    }
}
