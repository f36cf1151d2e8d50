using System.Diagnostics;
using System.Globalization;
using System.IO.Abstractions;
using System.Text;
using System.Text.Json.Nodes;
using CodexCompanion.EndToEnd.Tests.Harness;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using ProcessTable = CodexCompanion.StateStore.Processes.ProcessTable;

namespace CodexCompanion.Bench;

/// <summary>
/// What the commands about jobs cost: launch, status, result and cancel with the simulated app-server, status in a workspace with thousands of jobs
/// and a huge log, and one update of progress. The Node runtime's figures are known as multiples of `node -e 0`.
/// </summary>
internal static class JobCommands
{
    private const int Finished = 5000;
    private const int Active = 50;
    private const int Workspaces = 200;
    private const long HugeLog = 500L * 1024 * 1024;
    private const int Updates = 200;

    // Measured of the Node runtime, wall, on a machine where node -e 0 took 80 ms: launch 190, status 124, result 129.
    private const double NodeLaunch = 2.4;
    private const double NodeStatus = 1.55;
    private const double NodeResult = 1.6;

    public static async Task RunAsync(int rounds)
    {
        await using var home = PrivateHome.Create();
        File.Delete(Path.Combine(home.CodexHome, "config.toml"));
        await File.WriteAllTextAsync(Path.Combine(home.CodexHome, "simulation.json"), "{}");
        var environment = home.Environ(ToolUnderTest.Path);
        var big = BigWorkspace(home);

        var all = new Rounds();
        var empty = all.Add("status --json, nothing there", () => RunIn(Folder(home, "empty"), "status", "--json"));
        OtherWorkspaces(home);
        var full = all.Add($"status --json, {Finished} + {Active} jobs, 500 MB log, {Workspaces} workspaces", () => RunIn(big, "status", "--json"));
        var launch = all.Add("task --background, warm broker", () => RunIn(home.Workspace, "task", "--background", "sim: reply done"));
        all.Add("wait", () => RunIn(home.Workspace, "wait", Newest(home)));
        var result = all.Add("result", () => RunIn(home.Workspace, "result", Newest(home)));
        all.Add("task --background, to be cancelled", () => RunIn(home.Workspace, "task", "--background", "sim: think 100s"));
        all.Add("cancel", () => RunIn(home.Workspace, "cancel", Newest(home)));
        var node = NodeRuntime.Find()?.Node is { } path ? all.Add("node -e 0", () => ChildUsage.RunAsync(path, ["-e", "0"], environment, home.Workspace)) : null;

        Console.WriteLine("\njobs, simulated app-server");
        await all.RunAsync(rounds);
        all.Print();
        Console.WriteLine($"  status, big / empty, wall and CPU:         {full.Wall / empty.Wall:0.00} {full.Cpu / empty.Cpu:0.00}   (goal: at most 2)");
        if (node is not null)
        {
            Console.WriteLine($"  launch / (node -e 0 × {NodeLaunch}), wall:          {launch.Wall / (node.Wall * NodeLaunch):0.00}");
            Console.WriteLine($"  status / (node -e 0 × {NodeStatus}), wall:         {empty.Wall / (node.Wall * NodeStatus):0.00}");
            Console.WriteLine($"  result / (node -e 0 × {NodeResult}), wall:          {result.Wall / (node.Wall * NodeResult):0.00}");
        }

        PrintUpdates(home);
        await RunIn(home.Workspace, "broker", "stop");

        Task<Cost> RunIn(string folder, params string[] arguments) => ChildUsage.RunAsync(ToolUnderTest.Path, arguments, environment, folder);
    }

    private static string Folder(PrivateHome home, string name)
    {
        var folder = Path.Combine(home.Root, name);
        Directory.CreateDirectory(Path.Combine(folder, ".git"));
        return folder;
    }

    private static FileStateStore StoreOf(PrivateHome home, string folder)
    {
        var workspace = Workspace.Resolve(folder);
        return new FileStateStore(new FileSystem(), workspace, StatePaths.For(Path.Combine(home.State, "codex-companion"), workspace), new ProcessTable(), TimeProvider.System);
    }

    // The newest job of the workspace, as its file name says: ids grow.
    private static string Newest(PrivateHome home) =>
        StoreOf(home, home.Workspace).ListNewestJobs(sessionId: null)[0].Id;

    private static string BigWorkspace(PrivateHome home)
    {
        var folder = Folder(home, "big");
        var store = StoreOf(home, folder);
        WriteIndex(store, Finished);
        for (var i = 0; i < Active; i++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"task-active{i}");
            store.CreateJob(new JobRecord { Id = id, Kind = "rescue", Title = "Codex Task", Summary = new string('y', 120), Status = JobStatus.Running, Process = new ProcessTable().Self });
            for (var line = 0; line < 20; line++)
                store.AppendJobLog(id, "Running a command that somebody would like to know of.");
        }

        using (var log = new FileStream(store.Paths.JobLog("task-active0"), FileMode.Append))
            log.SetLength(HugeLog); // A hole: read, it is as long as any other.
        store.AppendJobLog("task-active0", "\nThe newest line.");
        return folder;
    }

    // As a runtime before this one left it: everything in the index.
    private static void WriteIndex(FileStateStore store, int jobs)
    {
        store.EnsureCreated();
        var entries = Enumerable.Range(0, jobs).Select(i => new JsonObject
        {
            ["id"] = string.Create(CultureInfo.InvariantCulture, $"task-old{i}"),
            ["kind"] = "rescue",
            ["title"] = "Codex Task",
            ["summary"] = new string('x', 120),
            ["status"] = "completed",
            ["createdAt"] = "2026-01-01T00:00:00.000Z",
            ["completedAt"] = "2026-01-01T00:01:00.000Z",
            ["threadId"] = Guid.NewGuid().ToString(),
        }.ToJsonString());
        File.WriteAllText(store.Paths.IndexFile, new StringBuilder("{\"version\":1,\"jobs\":[").AppendJoin(',', entries).Append("]}").ToString());
    }

    private static void OtherWorkspaces(PrivateHome home)
    {
        for (var i = 0; i < Workspaces; i++)
            WriteIndex(StoreOf(home, Folder(home, string.Create(CultureInfo.InvariantCulture, $"other{i}"))), jobs: 50);
    }

    private static void PrintUpdates(PrivateHome home)
    {
        var store = StoreOf(home, Folder(home, "updates"));
        store.CreateJob(new JobRecord { Id = "task-one", Status = JobStatus.Running });
        var begun = Stopwatch.GetTimestamp();
        for (var i = 0; i < Updates; i++)
            store.UpdateJob("task-one", job => job with { Phase = i % 2 == 0 ? "editing" : "running" });
        var record = Stopwatch.GetElapsedTime(begun).TotalMilliseconds / Updates;
        begun = Stopwatch.GetTimestamp();
        for (var i = 0; i < Updates; i++)
            store.AppendJobLog("task-one", "Running a command that somebody would like to know of.");
        var line = Stopwatch.GetElapsedTime(begun).TotalMilliseconds / Updates;
        Console.WriteLine($"  one update of progress, durable:           {record:0.00} ms for the record (written seldom), {line:0.000} ms a line of the log");
    }
}
