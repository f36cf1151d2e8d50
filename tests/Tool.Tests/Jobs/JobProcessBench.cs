using System.Diagnostics;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Tests.Selftest.Simulator;

namespace CodexCompanion.Tool.Tests.Jobs;

/// <summary>How a process of the built tool ended.</summary>
internal sealed record ProcessEnd(int ExitCode, string Out, string Error);

/// <summary>The built tool as processes of its own, on the simulated app-server, without a broker.</summary>
internal sealed class JobProcessBench : IDisposable
{
    // A process start on a busy machine takes seconds; a test that hangs fails instead.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static string Program { get; } =
        Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "codex-companion.exe" : "codex-companion");

    public ToolBench Tool { get; } = new();

    public SimulationFolder Simulation { get; } = new();

    public Dictionary<string, string> Extra { get; } = new(StringComparer.Ordinal) { ["CODEX_COMPANION_NO_BROKER"] = "1" };

    /// <summary>Whether there is no codex for the processes that are started from now on.</summary>
    public bool WithoutCodex { get; set; }

    public IStateStore Store => Tool.Store;

    public JobRecord Job(string id) => Store.ReadJob(id).Value ?? throw new InvalidOperationException($"No job {id}.");

    public string Log(string id) => File.Exists(Store.Paths.JobLog(id)) ? File.ReadAllText(Store.Paths.JobLog(id)) : "";

    /// <summary>Starts the tool.</summary>
    public Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Program, arguments)
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
        EndWorkers();
        Simulation.Dispose();
        Tool.Dispose();
    }

    // A test that failed may have left its worker running; nothing outlives a test.
    private void EndWorkers()
    {
        var processes = new ProcessTable();
        foreach (var job in Directory.Exists(Tool.StateRootPath) ? Store.ListJobs() : [])
        {
            if (job.Process is not { } worker || worker.Pid == Environment.ProcessId || processes.Look(worker) != ProcessPresence.Same)
                continue;
            using var process = Process.GetProcessById(worker.Pid);
            process.Kill(entireProcessTree: true);
            process.WaitForExit(Patience);
        }
    }
}
