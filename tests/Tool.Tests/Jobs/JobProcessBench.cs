using System.Diagnostics;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Tests.Selftest.Simulator;

namespace CodexCompanion.Tool.Tests.Jobs;

/// <summary>How a process of the built tool ended.</summary>
internal sealed record ProcessEnd(int ExitCode, string Out, string Error);

/// <summary>The built tool as processes of its own, on the simulated app-server, without a broker unless one is wanted.</summary>
internal sealed class JobProcessBench : IDisposable
{
    // A process start on a busy machine takes seconds; a test that hangs fails instead.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>A program, with arguments, that starts the tool in its turn; empty for none.</summary>
    public IReadOnlyList<string> Through { get; set; } = [];

    public static string Program { get; } = Built("codex-companion");

    /// <summary>What the tool is started as from now on: itself, or a program that behaves like it, with arguments.</summary>
    public IReadOnlyList<string> Command { get; set; } = [Program];

    public JobProcessBench(bool broker = false)
    {
        if (!broker)
            Extra["CODEX_COMPANION_NO_BROKER"] = "1";
    }

    public ToolBench Tool { get; } = new();

    public SimulationFolder Simulation { get; } = new();

    public Dictionary<string, string> Extra { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether there is no codex for the processes that are started from now on.</summary>
    public bool WithoutCodex { get; set; }

    public IStateStore Store => Tool.Store;

    public JobRecord Job(string id) => Store.ReadJob(id).Value ?? throw new InvalidOperationException($"No job {id}.");

    public string Log(string id) => File.Exists(Store.Paths.JobLog(id)) ? File.ReadAllText(Store.Paths.JobLog(id)) : "";

    /// <summary>A program that was built with the tests.</summary>
    public static string Built(string name) => Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? name + ".exe" : name);

    /// <summary>Starts the tool.</summary>
    public Process Start(params string[] arguments)
    {
        string[] line = [.. Through, .. Command, .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            WorkingDirectory = Tool.Work,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // Whatever session the tests run in, the tool must not see it.
        foreach (var name in start.Environment.Keys.Where(name => new[] { "CLAUDE", "CODEX_", "XDG_" }.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal))).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in Tool.Variables.Concat(Extra))
            start.Environment[name] = value;
        start.Environment["CODEX_HOME"] = Simulation.Home;
        start.Environment["TMPDIR"] = Tool.Root; // Where a broker's socket lies: gone with the test, whatever becomes of the broker.
        start.Environment["CODEX_COMPANION_CODEX"] = WithoutCodex ? Path.Combine(Tool.Root, "no-codex") : Program;
        return Process.Start(start)!;
    }

    /// <summary>Runs the tool to its end.</summary>
    public async Task<ProcessEnd> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        process.StandardInput.Close();
        return await EndAsync(process);
    }

    public static async Task<ProcessEnd> EndAsync(Process process)
    {
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        return new ProcessEnd(process.ExitCode, await output, await error);
    }

    /// <summary>Launches a task in the background.</summary>
    /// <returns>Its job.</returns>
    public async Task<string> LaunchAsync(params string[] arguments)
    {
        var end = await RunAsync(["task", "--background", "--json", .. arguments]);
        if (end.ExitCode != 0)
            throw new InvalidOperationException(end.Out + end.Error);
        using var document = System.Text.Json.JsonDocument.Parse(end.Out);
        return document.RootElement.GetProperty("jobId").GetString()!;
    }

    /// <summary>Sends a signal to a process.</summary>
    public static async Task SignalAsync(string name, ProcessIdentity process)
    {
        using var kill = Process.Start("/bin/kill", [$"-{name}", process.Pid.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!condition())
            await Task.Delay(20, limit.Token);
    }

    /// <summary>Waits until a job has ended, and its worker too.</summary>
    public async Task<JobRecord> EndedAsync(string id)
    {
        await UntilAsync(() => Job(id).IsFinished);
        var job = Job(id);
        await UntilAsync(() => job.Process is not { } worker || new ProcessTable().Look(worker) is ProcessPresence.Gone or ProcessPresence.Other);
        return job;
    }

    public void Dispose()
    {
        if (Directory.Exists(Tool.StateRootPath))
        {
            EndWorkers();
            EndBroker();
        }

        Simulation.Dispose();
        Tool.Dispose();
    }

    // A test that failed may have left its worker running; nothing outlives a test.
    private void EndWorkers()
    {
        var processes = new ProcessTable();
        foreach (var worker in Store.ListJobs().Select(job => job.Process).OfType<ProcessIdentity>())
        {
            if (worker.Pid != Environment.ProcessId && processes.Look(worker) == ProcessPresence.Same)
                End(worker);
        }
    }

    private void EndBroker()
    {
        if (Store.ReadBroker().Value is not { } broker || new ProcessTable().Look(broker.Process) != ProcessPresence.Same)
            return;
        using (var stop = Start("broker", "stop"))
            stop.WaitForExit(Patience);
        if (new ProcessTable().Look(broker.Process) == ProcessPresence.Same)
            End(broker.Process);
    }

    private static void End(ProcessIdentity identity)
    {
        using var process = Process.GetProcessById(identity.Pid);
        process.Kill(entireProcessTree: true);
        process.WaitForExit(Patience);
    }
}
