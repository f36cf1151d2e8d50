using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Records;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor;

/// <summary>
/// Damage by chance, each by its seed: whatever is done to the files, doctor does not fail, a second run finds nothing, a normal command works,
/// and nothing that was readable is lost.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class DamageTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task After_any_damage_one_run_puts_right_what_a_second_would_find(int seed)
    {
        var random = new Random(seed);
        using var bench = new DoctorBench();
        for (var i = 0; i < 3; i++)
        {
            bench.Job($"task-{i}", JobStatus.Completed, job => job with { Summary = $"summary {i}", Rendered = $"result {i}" });
            bench.Store.AppendJobLog($"task-{i}", $"Final output\nresult {i}");
        }

        bench.Store.UpdateConfig(config => config with { StopReviewGate = true });
        bench.Store.PublishBroker(bench.Record("0a1b2c3d4e5f", DoctorBench.Gone));
        string[] files =
        [
            bench.Paths.BrokerFile, bench.Paths.IndexFile, bench.Paths.ConfigFile, bench.Paths.FindingsFile, bench.Paths.LockFile(StateLock.State), bench.Paths.StateQueueFile,
            .. Enumerable.Range(0, 3).Select(i => bench.Paths.JobFile($"task-{i}")), bench.Paths.JobLog("task-0"),
        ];
        var said = new StringBuilder();
        for (var damages = random.Next(1, 4); damages > 0; damages--)
            said.Append(await DamageAsync(random, files[random.Next(files.Length)])).Append("; ");

        var first = await bench.DoctorAsync("--force");
        Assert.True(first.ExitCode == 0, $"{said}\n{first.Json}");
        var second = await bench.DoctorAsync("--force");
        Assert.All(second.Checks, check => Assert.True(check.GetProperty("findings").GetArrayLength() == 0, $"{said}\n{check}"));
        await bench.NormalCommandWorksAsync();
        var jobs = bench.Store.ListJobs();
        Assert.True(jobs.Count == 4, $"{said}: {string.Join(' ', jobs.Select(job => job.Id))}");
        Assert.All(jobs.Where(job => job.Id.Length == 6), job => Assert.Equal(JobStatus.Completed, job.Status));
    }

    [Fact]
    public async Task A_doctor_killed_between_setting_aside_and_making_anew_is_finished_by_the_next()
    {
        using var bench = new DoctorBench();
        bench.Job("task-a", JobStatus.Completed, job => job with { Summary = "kept" });
        bench.Store.AppendJobLog("task-a", "Final output\nthe result");
        var path = bench.Paths.JobFile("task-a");
        var kept = Path.Combine(bench.Paths.QuarantineDirectory, "task-a.json.20260101T000000Z");
        File.Move(path, kept);
        var folder = Directory.CreateDirectory(Path.Combine(bench.Paths.Root, "doctor"), NativeDisk.PrivateFolder).FullName;
        var journal = Path.Combine(folder, "20260101T000000.000Z-1.jsonl");
        File.WriteAllText(journal, $$"""{"state":"begin","check":"job-files","kind":"Replaced","path":"{{path}}","kept":"{{kept}}","workspace":"{{bench.Paths.Directory}}"}""" + "\n{\"sta");
        File.SetUnixFileMode(journal, NativeDisk.PrivateFile);

        await bench.HealsAsync("job-files");
        Assert.Equal(("kept", "the result"), (bench.Store.ReadJob("task-a").Value!.Summary, bench.Store.ReadJob("task-a").Value!.Rendered));

        // Both runs can still be taken back, the killed one as far as it came.
        Assert.Equal(0, (await bench.Bench.RunAsync("doctor", "--undo")).ExitCode);
        Assert.Equal(0, (await bench.Bench.RunAsync("doctor", "--undo")).ExitCode);
        Assert.True(File.Exists(path));
        Assert.False(File.Exists(kept));
    }

    private static async Task<string> DamageAsync(Random random, string path)
    {
        var name = Path.GetFileName(path);
        var isFile = NativeDisk.Instance.Look(path) is { Kind: FileKind.Regular }; // A pipe would be read for ever.
        var content = isFile && name.EndsWith(".json", StringComparison.Ordinal) ? await File.ReadAllBytesAsync(path) : [];
        switch (random.Next(10))
        {
            case 0 when content.Length > 0:
                await File.WriteAllBytesAsync(path, content[..random.Next(content.Length)]);
                return $"{name} cut";
            case 1 when content.Length > 0:
                random.NextBytes(content.AsSpan(random.Next(content.Length)));
                await File.WriteAllBytesAsync(path, content);
                return $"{name} random bytes";
            case 2 when content.Length > 0:
                await File.WriteAllBytesAsync(path, new byte[content.Length]);
                return $"{name} zeros";
            case 3 when content.Length > 0:
                await File.WriteAllTextAsync(path, Encoding.UTF8.GetString(content).Replace("\"version\": 1", "\"version\": {}", StringComparison.Ordinal).Replace("true", "7", StringComparison.Ordinal));
                return $"{name} wrong types";
            case 4 when content.Length > 0:
                await File.WriteAllBytesAsync(path, [0xEF, 0xBB, 0xBF, .. content]);
                return $"{name} with a byte order mark";
            case 5:
                Remove(path);
                Directory.CreateDirectory(path);
                return $"{name} a folder";
            case 6:
                Remove(path);
                File.CreateSymbolicLink(path, "/etc/hostname");
                return $"{name} a link out of the tree";
            case 7:
                Remove(path);
                using (var mkfifo = Process.Start("mkfifo", path))
                    await mkfifo.WaitForExitAsync();
                return $"{name} a pipe";
            case 8 when isFile:
                File.SetUnixFileMode(path, (UnixFileMode)0b111_111_111);
                return $"{name} open to all";
            default:
                // Without its log a job whose record is gone, too, has nothing but the index; and without all three nobody could bring it back.
                if (name is "jobs.json" or "broker.json")
                    Remove(path);
                return $"{name} gone";
        }
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path) && new DirectoryInfo(path).LinkTarget is null)
            Directory.Delete(path, recursive: true);
        else
            File.Delete(path);
    }
}
