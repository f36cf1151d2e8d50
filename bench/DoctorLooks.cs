using System.Globalization;
using System.IO.Abstractions;
using CodexCompanion.EndToEnd.Tests.Harness;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using ProcessTable = CodexCompanion.StateStore.Processes.ProcessTable;

namespace CodexCompanion.Bench;

/// <summary>
/// What a look by doctor costs: in a healthy workspace against <c>status</c> there, without the checks that start programs, and over all of
/// two hundred workspaces.
/// </summary>
internal static class DoctorLooks
{
    private const int JobsEach = 50;
    private const int Workspaces = 200;
    private const double GoalRatio = 2;

    public static async Task RunAsync(int rounds)
    {
        await using var home = PrivateHome.Create();
        var environment = home.Environ(ToolUnderTest.Path);
        FillWorkspace(home, home.Workspace);

        // A dry run starts no program, so it is just the checks that are compared.
        var all = new Rounds();
        var status = all.Add($"status, {JobsEach} jobs", () => RunIn("status"));
        var doctor = all.Add($"doctor --dry-run, {JobsEach} jobs", () => RunIn("doctor", "--dry-run"));
        Console.WriteLine("\ndoctor");
        await all.RunAsync(rounds);
        all.Print();
        Console.WriteLine($"  doctor / status, wall and CPU:               {doctor.Wall / status.Wall:0.00} {doctor.Cpu / status.Cpu:0.00}   (goal: wall below {GoalRatio:0})");

        for (var i = 1; i < Workspaces; i++)
            FillWorkspace(home, Path.Combine(home.Root, string.Create(CultureInfo.InvariantCulture, $"w{i}")));
        var everywhere = new Rounds();
        everywhere.Add($"doctor --all --dry-run, {Workspaces} × {JobsEach} jobs", () => RunIn("doctor", "--all", "--dry-run"));
        await everywhere.RunAsync(Math.Min(rounds, 5));
        everywhere.Print();
        Console.WriteLine($"  peak memory: {ChildUsage.PeakMebibytes():0} MiB");

        Task<Cost> RunIn(params string[] arguments) => ChildUsage.RunAsync(ToolUnderTest.Path, arguments, environment, home.Workspace);
    }

    private static void FillWorkspace(PrivateHome home, string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, ".git"));
        var workspace = Workspace.Resolve(folder);
        var store = new FileStateStore(new FileSystem(), workspace, StatePaths.For(Path.Combine(home.State, "codex-companion"), workspace), new ProcessTable(), TimeProvider.System);
        var now = TimeProvider.System.GetUtcNow();
        for (var i = 0; i < JobsEach; i++)
        {
            // What a task of some length leaves: ten kilobytes or so.
            var id = string.Create(CultureInfo.InvariantCulture, $"task-bench{i}");
            store.CreateJob(new JobRecord
            {
                Id = id,
                Kind = "rescue",
                Title = "Codex Task",
                JobClass = "task",
                Summary = new string('s', 96),
                WorkspaceRoot = workspace.Root,
                Status = JobStatus.Completed,
                ThreadId = Guid.NewGuid().ToString(),
                CreatedAt = now,
                CompletedAt = now,
                Rendered = new string('r', 8 * 1024),
            });
            store.AppendJobLog(id, "Final output\n" + new string('r', 2 * 1024));
        }
    }
}
