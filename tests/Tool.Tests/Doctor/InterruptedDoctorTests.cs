using System.Runtime.Versioning;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using CodexCompanion.TestProcesses;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Doctor;
using CodexCompanion.Tool.Doctor.Journal;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor;

/// <summary>
/// A doctor that gets no further, at every single thing it does to the disk: because it was killed (nothing happens any more, no cleaning up
/// either), or because the disk is full. The next one does the rest.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class InterruptedDoctorTests
{
    private const int DiskFull = 28; // ENOSPC

    [Fact]
    public async Task One_that_is_killed_at_any_point_is_finished_by_the_next()
    {
        var point = 1;
        for (var fired = true; fired; point++)
        {
            using var bench = Damaged();
            var faults = new FaultPlan(point, _ => throw new KilledException(), forEver: true);
            try
            {
                await DoctorAsync(bench, faults);
            }
            catch (KilledException)
            {
                // Where a check was looking, its crash is a finding; between checks it is this.
            }

            fired = faults.Fired;
            if (point % 2 == 0)
                await bench.Bench.RunAsync("doctor", "--undo"); // As far as it came; what it did not come to is not there to take back.
            await AssertTheNextFinishesAsync(bench, $"killed at {point}: {string.Join(", ", faults.Points.TakeLast(3))}");
        }

        Assert.True(point > 60, $"The kills never bit: {point}.");
    }

    [Fact]
    public async Task An_undo_that_is_killed_at_any_point_is_finished_by_the_next()
    {
        var point = 1;
        for (var fired = true; fired; point += 4) // Some hundred in all; most of them are alike.
        {
            using var bench = Damaged();
            await bench.DoctorAsync("--force");
            var faults = new FaultPlan(point, _ => throw new KilledException(), forEver: true);
            try
            {
                await JournalUndo.RunAsync(HostOf(bench, faults), bench.Paths.Root, new FaultyDisk(NativeDisk.Instance, faults));
            }
            catch (KilledException)
            {
                // Nothing of it runs any more.
            }

            fired = faults.Fired;
            Assert.Contains((await bench.Bench.RunAsync("doctor", "--undo")).ExitCode, (int[])[0, 1]);
            Assert.Equal("error: There is no repair to take back.\n", (await bench.Bench.RunAsync("doctor", "--undo")).Error);
            await AssertTheNextFinishesAsync(bench, $"undo killed at {point}: {string.Join(", ", faults.Points.TakeLast(3))}");
        }

        Assert.True(point > 20, $"The kills never bit: {point}.");
    }

    [Fact]
    public async Task One_whose_disk_is_full_from_any_point_on_says_so_and_the_next_finishes()
    {
        var point = 1;
        for (var fired = true; fired; point++)
        {
            using var bench = Damaged();
            var faults = new FaultPlan(
                point,
                name => throw new IOException($"No space left on device ({name})", DiskFull),
                name => name is "before create" or "before flush" or "append" or "before mkdir",
                forEver: true);
            var report = await DoctorAsync(bench, faults);
            fired = faults.Fired;
            Assert.DoesNotContain(report.Checks, check => check.Status == CheckStatus.Crashed);
            Assert.Equal(fired && report.Checks.Any(check => check.Status == CheckStatus.Failed) ? ExitCodes.Failed : ExitCodes.Done, report.ExitCode);
            Assert.DoesNotContain(Directory.EnumerateFiles(bench.Paths.Root, "*", SearchOption.AllDirectories), path => new FileInfo(path) is { Length: 0, Extension: ".jsonl" });
            await AssertTheNextFinishesAsync(bench, $"full from {point}: {string.Join(", ", faults.Points.TakeLast(3))}");
        }

        Assert.True(point > 15, $"The disk was never full: {point}.");
    }

    // A torn record, a lost one, an index that lies, a broker that is gone, a job whose worker is gone, settings, modes, left-overs, strange files.
    private static DoctorBench Damaged()
    {
        var bench = new DoctorBench();
        foreach (var id in (string[])["task-whole", "task-torn", "task-lost"])
        {
            bench.Job(id, JobStatus.Completed, job => job with { Summary = $"summary of {id}" });
            bench.Store.AppendJobLog(id, $"Final output\nresult of {id}");
        }

        bench.Job("task-gone", JobStatus.Running, job => job with { Process = DoctorBench.Gone });
        bench.Store.PublishBroker(bench.Record("0a1b2c3d4e5f", DoctorBench.Gone));
        bench.Store.UpdateConfig(config => config with { StopReviewGate = true });
        File.WriteAllText(bench.Paths.JobFile("task-torn"), "{\"version\":1,\"id\":\"task-t");
        File.Delete(bench.Paths.JobFile("task-lost"));
        File.WriteAllText(bench.Paths.IndexFile, File.ReadAllText(bench.Paths.IndexFile)[..^40]);
        File.WriteAllText(bench.Paths.ConfigFile, "{\"stopReviewGate\":");
        File.SetUnixFileMode(bench.Paths.JobLog("task-whole"), (UnixFileMode)0b110_100_100);
        File.WriteAllText(Path.Combine(bench.Paths.JobsDirectory, "notes.txt"), "mine");
        File.WriteAllText(Path.Combine(bench.Paths.Directory, $".jobs.json.{int.MaxValue}-0123456789ab.tmp"), "{");
        return bench;
    }

    private static async Task AssertTheNextFinishesAsync(DoctorBench bench, string when)
    {
        var next = await bench.DoctorAsync("--force");
        Assert.True(next.ExitCode == 0, $"{when}\n{next.Json}");
        var again = await bench.DoctorAsync("--force");
        Assert.All(again.Checks, check => Assert.True(check.GetProperty("findings").GetArrayLength() == 0, $"{when}\n{check}"));
        var jobs = bench.Store.ListJobs();
        Assert.True(jobs.Count == 4, $"{when}: {string.Join(' ', jobs.Select(job => job.Id))}");
        Assert.All(jobs, job => Assert.Equal(job.Id == "task-gone" ? JobStatus.Failed : JobStatus.Completed, job.Status));
        Assert.Equal("result of task-torn", bench.Store.ReadJob("task-torn").Value!.Rendered);
        Assert.Equal("result of task-lost", bench.Store.ReadJob("task-lost").Value!.Rendered);
        Assert.Equal(("summary of task-torn", StateReadKind.Ok), (bench.Store.ReadJob("task-torn").Value!.Summary, bench.Store.ReadIndex().Kind));
        Assert.Contains(bench.Quarantined(), name => name.StartsWith("notes.txt.", StringComparison.Ordinal));
    }

    private static Task<DoctorReport> DoctorAsync(DoctorBench bench, FaultPlan faults)
    {
        var site = new DoctorSite(HostOf(bench, faults), DoctorMode.Force, bench.Bench.Work, []) { Disk = new FaultyDisk(NativeDisk.Instance, faults) };
        var checks = CheckCatalog.Create().Where(check => !check.StartsPrograms && check.Id is not "orphan-processes" and not "legacy-state").ToList();
        return new DoctorRun(site, checks, _ => { }).RunAsync(CancellationToken.None);
    }

    private static ToolHost HostOf(DoctorBench bench, FaultPlan faults) => bench.Bench.Host(Stream.Null, Stream.Null) with
    {
        OpenStore = (_, workspace, root) => new FileStateStore(
            new FaultyFileSystem(faults), workspace, StatePaths.For(root, workspace), new ProcessTable(), TimeProvider.System, new FaultyDisk(NativeDisk.Instance, faults)),
    };

    private sealed class KilledException() : Exception("The process was killed.");
}
