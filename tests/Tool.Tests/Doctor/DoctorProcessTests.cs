using System.Runtime.Versioning;
using System.Text.Json;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Tests.Jobs;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor;

/// <summary>Doctor as a program of its own: killed, beside another one, without rights, on disks that are full or cannot be written.</summary>
[SupportedOSPlatform("linux")]
public sealed class DoctorProcessTests : IDisposable
{
    // All checks that look at nothing but this test's own folders.
    private static readonly string[] Checks =
    [
        .. new[]
        {
            "state-directory", "permissions", "stuck-locks", "leftover-files", "broker-record", "broker-process", "job-files", "jobs-index", "orphaned-jobs", "settings",
        }.SelectMany(check => (string[])["--check", check]),
    ];

    private readonly JobProcessBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [LinuxFact]
    public async Task One_that_is_killed_in_the_middle_of_a_hundred_repairs_is_finished_by_two_at_once()
    {
        const int Jobs = 100;
        for (var i = 0; i < Jobs; i++)
        {
            var id = $"task-{i:000}";
            _bench.Store.CreateJob(new JobRecord { Id = id, Status = JobStatus.Completed, Title = "a task", Summary = $"summary {i}" });
            _bench.Store.AppendJobLog(id, $"Final output\nresult {i}");
            await File.WriteAllTextAsync(_bench.Store.Paths.JobFile(id), "{");
        }

        // Each of the three gets further than the one before, by whole repairs, and is killed before a change.
        foreach (var change in (int[])[10, 40, 90])
        {
            var mark = Path.Combine(_bench.Tool.Root, $"killed at {change}");
            _bench.Command = [JobProcessBench.Built("companion-dying-tool"), "command", "killed", $"{change}", mark];
            await _bench.RunAsync(["doctor", "--json", .. Checks]);
            Assert.True(File.Exists(mark), mark);
        }

        _bench.Command = [JobProcessBench.Program];
        Assert.Contains(Enumerable.Range(0, Jobs), i => _bench.Store.ReadJob($"task-{i:000}").Value is not null);
        Assert.Contains(Enumerable.Range(0, Jobs), i => _bench.Store.ReadJob($"task-{i:000}").Value is null);
        var ends = await Task.WhenAll(DoctorAsync(), DoctorAsync());
        Assert.All(ends, end => Assert.True(end.ExitCode == 0, end.Json.ToString()));
        Assert.All((await DoctorAsync()).Checks, check => Assert.Equal("ok", check.GetProperty("status").GetString()));
        Assert.All(Enumerable.Range(0, Jobs), i =>
        {
            var job = _bench.Store.ReadJob($"task-{i:000}").Value!;
            Assert.Equal((JobStatus.Completed, $"summary {i}", $"result {i}"), (job.Status, job.Summary, job.Rendered));
        });
        Assert.Equal(Jobs, Directory.GetFiles(_bench.Store.Paths.QuarantineDirectory, "task-*").Length);
    }

    [LinuxFact]
    public async Task What_is_closed_to_its_owner_is_opened_level_by_level_even_the_root()
    {
        await TaskWorksAsync();
        WithoutPrivileges();
        var file = _bench.Store.Paths.JobFile(_bench.Tool.Job.Id);
        string[] closed = [file, _bench.Store.Paths.JobsDirectory, _bench.Store.Paths.LocksDirectory, _bench.Store.Paths.Directory, _bench.Tool.StateRootPath];
        foreach (var path in closed)
            File.SetUnixFileMode(path, UnixFileMode.None);
        Assert.Equal(1, (await DoctorAsync("--dry-run")).ExitCode);
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(_bench.Tool.StateRootPath));
        foreach (var command in (string[])["status", "result", "cancel", "prune"])
        {
            // What cannot be seen is not "nothing".
            var refused = await _bench.RunAsync(command);
            Assert.True(refused is { ExitCode: 1, Out: "" } && refused.Error.Contains("denied.\nhint: codex-companion doctor says more", StringComparison.Ordinal), $"{command}: {refused}");
        }

        var end = await DoctorAsync();
        Assert.True(end.ExitCode == 0, end.Json.ToString());
        Assert.Equal("repaired", end.StatusOf("permissions"));
        Assert.All((await DoctorAsync()).Checks, check => Assert.Equal("ok", check.GetProperty("status").GetString()));
        Assert.Equal((NativeDisk.PrivateFile, NativeDisk.PrivateFolder), (File.GetUnixFileMode(file), File.GetUnixFileMode(_bench.Tool.StateRootPath)));
        await TaskWorksAsync();
    }

    [LinuxFact]
    public async Task One_closed_file_does_not_keep_a_dry_run_from_looking_at_the_rest()
    {
        await TaskWorksAsync();
        WithoutPrivileges();
        File.SetUnixFileMode(_bench.Store.Paths.IndexFile, UnixFileMode.None);
        await File.WriteAllTextAsync(_bench.Store.Paths.BrokerFile, "{");
        var seen = await DoctorAsync("--dry-run");
        Assert.Equal(("problem", "problem", "ok"), (seen.StatusOf("permissions"), seen.StatusOf("broker-record"), seen.StatusOf("job-files")));
    }

    [MountFact]
    public async Task On_a_full_disk_nothing_is_lost_and_once_there_is_room_all_is_put_right()
    {
        var ends = await OnOwnDiskAsync(
            """
            "$P" task 'sim: reply one' >/dev/null 2>&1
            cd "$CODEX_COMPANION_STATE_DIR"/work-*; job=$(ls jobs/*.json)
            echo '{"torn' >$job; echo '{' >jobs.json; echo x >broker.json; chmod 600 *.json; chmod 755 jobs
            dd if=/dev/zero of=../fill bs=4k 2>/dev/null
            tree() { (cd ..; find . -type f -size -100k ! -path '*/locks/*' | sort | xargs md5sum); }
            tree >"$OUT/before"; doctor full; tree >"$OUT/after"; cmp "$OUT/before" "$OUT/after" >"$OUT/difference" 2>&1
            "$P" doctor --bundle "$PWD/../b.zip" >/dev/null 2>"$OUT/bundle"; echo $? >>"$OUT/bundle"; ls ../b.zip >>"$OUT/bundle" 2>/dev/null
            rm ../fill
            doctor room; doctor again
            cd "$WORK"; "$P" result >"$OUT/result" 2>&1
            """);
        var full = ends("full");
        Assert.Equal((1, "problem", "failed"), (full.ExitCode, full.StatusOf("state-directory"), full.StatusOf("jobs-index")));
        Assert.Equal(JsonValueKind.Null, full.Json.GetProperty("journal").ValueKind);
        Assert.Equal("", await File.ReadAllTextAsync(Out("difference")));
        Assert.Matches("^error: The bundle cannot be written: No space left on device.*\n1\n$", await File.ReadAllTextAsync(Out("bundle")));
        var room = ends("room");
        Assert.Equal((0, "repaired", "repaired", "repaired"), (room.ExitCode, room.StatusOf("job-files"), room.StatusOf("jobs-index"), room.StatusOf("broker-record")));
        Assert.DoesNotContain(ends("again").Checks, check => check.GetProperty("status").GetString() is not ("ok" or "warning"));
        Assert.StartsWith("one\n", await File.ReadAllTextAsync(Out("result")), StringComparison.Ordinal);
    }

    [MountFact]
    public async Task On_a_disk_that_cannot_be_written_it_says_so_once_and_looks_at_the_rest()
    {
        var ends = await OnOwnDiskAsync(
            """
            "$P" task 'sim: reply one' >/dev/null 2>&1
            cd "$CODEX_COMPANION_STATE_DIR"/work-*; echo '{"torn' >$(ls jobs/*.json); cd "$OUT"
            mount -o remount,ro "$CODEX_COMPANION_STATE_DIR"
            doctor readonly
            "$P" doctor --undo >"$OUT/undo" 2>&1
            """);
        var end = ends("readonly");
        Assert.Equal((1, "problem", "ok", "failed"), (end.ExitCode, end.StatusOf("state-directory"), end.StatusOf("stuck-locks"), end.StatusOf("job-files")));
        Assert.Contains("read-only file system", end.MessageOf("state-directory"), StringComparison.Ordinal);
        Assert.DoesNotContain("Another doctor", await File.ReadAllTextAsync(Out("undo")), StringComparison.Ordinal);
    }

    // Root may open everything; without these capabilities it is a user like any other.
    private void WithoutPrivileges()
    {
        if (NativeDisk.Instance.User == 0)
            _bench.Through = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"];
    }

    private async Task TaskWorksAsync()
    {
        var end = await _bench.RunAsync("task", "sim: reply hello");
        Assert.True(end.ExitCode == 0, end.Error);
        Assert.DoesNotContain("could not be recorded", end.Error, StringComparison.Ordinal);
    }

    // Runs a script whose state root is a disk of its own, of 2 MiB, which goes with its mount namespace.
    private async Task<Func<string, DoctorEnd>> OnOwnDiskAsync(string script)
    {
        Directory.CreateDirectory(_bench.Tool.StateRootPath);
        Directory.CreateDirectory(Out(""));
        var path = Path.Combine(_bench.Tool.Root, "script");
        await File.WriteAllTextAsync(
            path,
            $$"""
            P="$1"; OUT={{Out("")}}; WORK=$PWD
            mount -t tmpfs -o size=2m,mode=700 tmpfs "$CODEX_COMPANION_STATE_DIR" || exit 9
            doctor() { "$P" doctor --json --cwd "$WORK" {{string.Join(' ', Checks)}} >"$OUT/$1" 2>"$OUT/$1.error"; }
            {{script}}
            exit 0
            """);
        _bench.Through = ["unshare", "-rm", "sh", path];
        var end = await _bench.RunAsync();
        Assert.True(end.ExitCode == 0, end.Error);
        return name =>
        {
            using var json = JsonDocument.Parse(File.ReadAllText(Out(name)));
            return new DoctorEnd(json.RootElement.GetProperty("exitCode").GetInt32(), json.RootElement.Clone());
        };
    }

    private string Out(string name) => Path.Combine(_bench.Tool.Root, "out", name);

    private async Task<DoctorEnd> DoctorAsync(params string[] options)
    {
        var run = await _bench.RunAsync(["doctor", "--json", .. options, .. Checks]);
        Assert.True(run.Error.Length == 0, run.Error);
        using var json = JsonDocument.Parse(run.Out);
        return new DoctorEnd(run.ExitCode, json.RootElement.Clone());
    }
}
