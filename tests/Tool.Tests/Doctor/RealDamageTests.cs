using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.Versioning;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Doctor;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor;

/// <summary>Damage by the means that really do it: writers that die, files that are cut, disks' junk, things that are no files, clocks that jump.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RealDamageTests : IDisposable
{
    private const long Junk = 100L * 1024 * 1024;

    private readonly DoctorBench _bench = new();

    public static TheoryData<string> Actions => ["create", "complete", "publish"];

    public void Dispose() => _bench.Dispose();

    [Theory]
    [MemberData(nameof(Actions))]
    public async Task What_a_writer_that_was_killed_leaves_at_any_point_is_put_right(string action)
    {
        var point = 1;
        for (var killed = true; killed; point += 2)
        {
            using var bench = new DoctorBench();
            bench.Job("task-1", JobStatus.Running, job => job with { Process = DoctorBench.Self });
            bench.Job("task-0");
            bench.Store.PublishBroker(bench.Record("b1b1b1b1b1b1", DoctorBench.Gone));
            killed = await DieAsync(bench, point, action) != 0;
            var first = await bench.DoctorAsync();
            Assert.True(first.ExitCode == 0, $"{action} killed at {point}: {first.Json}");
            Assert.All((await bench.DoctorAsync()).Checks, check => Assert.True(check.GetProperty("findings").GetArrayLength() == 0, $"{action} killed at {point}: {check}"));
            Assert.Equal(JobStatus.Completed, bench.Store.ReadJob("task-0").Value!.Status);
            Assert.Contains(bench.Store.ReadJob("task-1").Value!.Status, (JobStatus[])[JobStatus.Running, JobStatus.Completed]);
        }

        Assert.True(point > 5, "The kills never bit.");
    }

    [Theory]
    [InlineData("broker.json")]
    [InlineData("jobs.json")]
    [InlineData("config.json")]
    public async Task A_file_cut_at_any_length_is_put_right(string name)
    {
        _bench.Job("task-a");
        _bench.Store.UpdateConfig(config => config with { StopReviewGate = true });
        _bench.Store.PublishBroker(_bench.Record("0a1b2c3d4e5f", DoctorBench.Gone));
        var path = Path.Combine(_bench.Paths.Directory, name);
        var whole = await File.ReadAllBytesAsync(path);
        string[] checks = ["--check", "broker-record", "--check", "jobs-index", "--check", "settings"];
        for (var length = 0; length <= whole.Length; length += 3)
        {
            await File.WriteAllBytesAsync(path, whole[..length]);
            var end = await _bench.DoctorAsync(["--force", .. checks]);
            Assert.True(end.ExitCode == 0, $"cut at {length}: {end.Json}");
            Assert.All((await _bench.DoctorAsync(checks)).Checks, check => Assert.True(check.GetProperty("status").GetString() == "ok", $"cut at {length}: {check}"));
            Assert.Single(_bench.Store.ListJobs());
        }
    }

    [Fact]
    public async Task A_hundred_megabytes_of_junk_in_every_file_are_set_aside_unread()
    {
        _bench.Job("task-a", JobStatus.Completed, job => job with { Summary = "kept" });
        _bench.Store.AppendJobLog("task-a", "Final output\nthe result");
        _bench.Store.PublishBroker(_bench.Record("0a1b2c3d4e5f", DoctorBench.Gone));
        _bench.Store.UpdateConfig(config => config with { StopReviewGate = true });
        string[] files = [_bench.Paths.BrokerFile, _bench.Paths.ConfigFile, _bench.Paths.JobFile("task-a"), _bench.Paths.IndexFile, Path.Combine(_bench.Paths.JobsDirectory, "junk")];
        foreach (var path in files)
        {
            await using var file = NativeDisk.Instance.Look(path) is null ? NativeDisk.Instance.CreatePrivateFile(path) : File.OpenWrite(path);
            file.SetLength(Junk);
        }

        await using (var log = File.OpenWrite(_bench.Paths.JobLog("task-a")))
            log.SetLength(Junk); // The result is far from its end now.
        var end = await _bench.DoctorAsync("--force");
        Assert.Equal(("repaired", 0), (end.StatusOf("job-files"), end.ExitCode));
        Assert.All((await _bench.DoctorAsync()).Checks, check => Assert.Equal("ok", check.GetProperty("status").GetString()));
        await _bench.NormalCommandWorksAsync();
        Assert.Equal(files.Length, _bench.Quarantined().Count(name => new FileInfo(Path.Combine(_bench.Paths.QuarantineDirectory, name)).Length == Junk));
        Assert.Equal("the result", _bench.Store.ReadJob("task-a").Value!.Rendered);
    }

    [Theory]
    [InlineData("broker.json")]
    [InlineData("jobs.json")]
    [InlineData("config.json")]
    [InlineData("jobs/task-a.json")]
    [InlineData("locks/start.lock")]
    [InlineData("logs")]
    public async Task A_socket_in_a_files_place_is_set_aside(string name)
    {
        _bench.Job("task-a");
        var path = Path.Combine(_bench.Paths.Directory, name);
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        else
            File.Delete(path);
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(_bench.Temp, "s")));
            File.Move(Path.Combine(_bench.Temp, "s"), path);
        }

        var end = await _bench.DoctorAsync("--force");
        Assert.True(end.ExitCode == 0, end.Json.ToString());
        Assert.Contains(_bench.Quarantined(), kept => kept.StartsWith(Path.GetFileName(name) + ".", StringComparison.Ordinal));
        Assert.All((await _bench.DoctorAsync()).Checks, check => Assert.Equal("ok", check.GetProperty("status").GetString()));
        await _bench.NormalCommandWorksAsync();
    }

    [Fact]
    public async Task Pipes_where_others_keep_their_files_hold_nobody_up()
    {
        var user = Path.Combine(_bench.Bench.Root, "config", "codex-companion");
        var claude = Path.Combine(_bench.Bench.Variables["HOME"], ".claude");
        var journals = Path.Combine(_bench.Paths.Root, "doctor");
        _bench.Job("task-a", JobStatus.Running, job => job with { Process = DoctorBench.Gone });
        string[] pipes =
        [
            Path.Combine(user, "config.json"), Path.Combine(_bench.Bench.Work, ".codex-companion.json"), Path.Combine(claude, "settings.json"),
            Path.Combine(journals, "99990101T000000.000Z-1.jsonl"), _bench.Paths.JobLog("task-a"),
        ];
        foreach (var pipe in pipes)
        {
            NativeDisk.Instance.CreatePrivateDirectory(Path.GetDirectoryName(pipe)!);
            File.Delete(pipe);
            using var mkfifo = Process.Start("mkfifo", pipe);
            await mkfifo.WaitForExitAsync();
        }

        var end = await _bench.DoctorAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(("problem", "repaired", "ok"), (end.StatusOf("settings"), end.StatusOf("orphaned-jobs"), end.StatusOf("node-plugin")));
        Assert.Equal(0, (await _bench.Bench.RunAsync("doctor", "--undo").WaitAsync(TimeSpan.FromSeconds(30))).ExitCode);
    }

    [Fact]
    public async Task A_file_in_the_journals_place_is_told_of_since_nothing_can_be_repaired_without_it()
    {
        _bench.Job("task-a");
        var journals = Path.Combine(_bench.Paths.Root, "doctor");
        await File.WriteAllTextAsync(journals, "");
        var end = await _bench.DoctorAsync();
        Assert.Equal((1, "problem"), (end.ExitCode, end.StatusOf("state-directory")));
        Assert.Equal([$"mv {journals} {journals}.aside"], end.CommandsOf("state-directory"));
    }

    [Fact]
    public async Task After_a_clock_was_set_back_the_last_repair_is_still_the_first_that_undo_takes_back()
    {
        _bench.Job("task-a", JobStatus.Completed, job => job with { CreatedAt = new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero) });
        var folder = Path.Combine(_bench.Paths.Root, "doctor");
        NativeDisk.Instance.CreatePrivateDirectory(folder);
        var kept = Path.Combine(_bench.Paths.QuarantineDirectory, "old");
        NativeDisk.Instance.Append(
            Path.Combine(folder, "20990101T000000.000Z-1.jsonl"),
            System.Text.Encoding.UTF8.GetBytes($$"""{"state":"begin","check":"x","kind":"Moved","path":"{{_bench.Paths.BrokerFile}}","kept":"{{kept}}","workspace":"{{_bench.Paths.Directory}}"}""" + "\n"));
        await File.WriteAllTextAsync(_bench.Paths.IndexFile, "damaged");
        File.SetLastWriteTimeUtc(_bench.Paths.IndexFile, new DateTime(2099, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal("repaired", (await _bench.DoctorAsync()).StatusOf("jobs-index"));
        Assert.Equal(0, (await _bench.Bench.RunAsync("doctor", "--undo")).ExitCode);
        Assert.Equal("damaged", await File.ReadAllTextAsync(_bench.Paths.IndexFile));
    }

    [Fact]
    public async Task A_look_that_never_ends_does_not_keep_a_signal_from_ending_the_run()
    {
        using var stop = new CancellationTokenSource();
        var site = new DoctorSite(_bench.Bench.Host(Stream.Null, Stream.Null), DoctorMode.Repair, _bench.Bench.Work, []);
        using var never = new ManualResetEventSlim();
        var stuck = new StuckCheck(() =>
        {
            stop.Cancel();
            never.Wait();
        });
        var report = await new DoctorRun(site, [stuck], _ => { }).RunAsync(stop.Token).WaitAsync(TimeSpan.FromSeconds(30));
        never.Set();
        Assert.Equal((CheckStatus.Skipped, "interrupted"), (report.Checks[0].Status, report.Checks[0].Message));
    }

    private static async Task<int> DieAsync(DoctorBench bench, int point, string action)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "companion-test-process");
        string[] line = ["die-at", point.ToString(CultureInfo.InvariantCulture), bench.Paths.Root, bench.Store.Workspace.Root, "task-1", action];
        using var process = Process.Start(program, line);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private sealed class StuckCheck(Action look) : IDoctorCheck
    {
        public string Id => "stuck";

        public CheckCategory Category => CheckCategory.State;

        public CheckScope Scope => CheckScope.User;

        public string About => "";

        public Task<Inspection> InspectAsync(DoctorPlace place, CancellationToken cancellation)
        {
            look();
            return Task.FromResult(Inspection.Ok("done"));
        }
    }
}
