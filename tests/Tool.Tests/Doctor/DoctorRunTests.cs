using System.Runtime.Versioning;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Records;
using CodexCompanion.TestProcesses;
using CodexCompanion.Tool.Doctor;
using CodexCompanion.Tool.Doctor.Journal;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor;

[UnsupportedOSPlatform("windows")]
public sealed class DoctorRunTests : IDisposable
{
    private readonly DoctorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_check_that_throws_is_a_finding_and_the_others_go_on()
    {
        var report = await RunAsync(DoctorMode.Repair, new FakeCheck { Inspect = () => throw new InvalidOperationException("boom") }, new FakeCheck());
        Assert.Equal([CheckStatus.Crashed, CheckStatus.Ok], report.Checks.Select(check => check.Status));
        Assert.Contains("boom", report.Checks[0].Message, StringComparison.Ordinal);
        Assert.Equal(10, report.ExitCode);
    }

    [Fact]
    public async Task A_repair_that_throws_is_a_finding_that_is_left()
    {
        var check = new FakeCheck { Left = 1, Repair = _ => throw new IOException("no") };
        var report = await RunAsync(DoctorMode.Repair, check);
        Assert.Equal((CheckStatus.Failed, "no", 1), (report.Checks[0].Status, report.Checks[0].Findings[0].Failure, report.ExitCode));
    }

    [Fact]
    public async Task A_repair_that_was_refused_while_another_did_it_counts_as_done()
    {
        var check = new FakeCheck { Left = 1 };
        check.Repair = _ =>
        {
            check.Left = 0;
            return new Repair.Refused("somebody else is at it");
        };
        var report = await RunAsync(DoctorMode.Repair, check);
        Assert.Equal((CheckStatus.Repaired, "it was put right meanwhile", 0), (report.Checks[0].Status, report.Checks[0].Findings[0].Done, report.ExitCode));
    }

    [Fact]
    public async Task What_is_found_again_after_its_repair_is_taken_back()
    {
        _bench.Job("task-a");
        var before = File.ReadAllText(_bench.Paths.IndexFile);
        var check = new FakeCheck { Left = int.MaxValue };
        check.Repair = journal => _bench.Store.Repair("test", Repair (repairs) =>
        {
            var name = repairs.QuarantineName(_bench.Paths.IndexFile);
            journal.Do(
                new JournalStep(check.Id, StepKind.Moved, _bench.Paths.IndexFile) { Kept = name, Workspace = _bench.Paths.Directory },
                () => repairs.SetAside(_bench.Paths.IndexFile, name));
            return new Repair.Done("set aside");
        });
        var report = await RunAsync(DoctorMode.Repair, check);
        Assert.Equal((CheckStatus.Failed, 10), (report.Checks[0].Status, report.ExitCode));
        Assert.Equal(before, File.ReadAllText(_bench.Paths.IndexFile));
    }

    [Fact]
    public async Task What_a_repair_brings_to_light_for_an_earlier_check_is_seen_to_in_the_same_run()
    {
        var second = new FakeCheck { Left = 1 };
        var first = new FakeCheck();
        second.Repair = _ =>
        {
            first.Left = 1;
            second.Left--;
            return new Repair.Done("repaired");
        };
        var report = await RunAsync(DoctorMode.Repair, first, second);
        Assert.Equal([CheckStatus.Repaired, CheckStatus.Repaired], report.Checks.Select(check => check.Status));
        Assert.Equal(0, first.Left);
    }

    [Theory]
    [InlineData("DryRun", "Safe", 0)]
    [InlineData("DryRun", "Risky", 0)]
    [InlineData("Repair", "Safe", 1)]
    [InlineData("Repair", "Risky", 0)]
    [InlineData("Repair", "Manual", 0)]
    [InlineData("Force", "Safe", 1)]
    [InlineData("Force", "Risky", 1)]
    [InlineData("Force", "Manual", 0)]
    public async Task Each_mode_does_what_it_may_and_no_more(string mode, string kind, int repairs)
    {
        var check = new FakeCheck { Left = 1, Kind = Enum.Parse<RepairKind>(kind) };
        var report = await RunAsync(Enum.Parse<DoctorMode>(mode), check);
        Assert.Equal(repairs, check.Repairs);
        Assert.Equal(repairs == 1 ? 0 : 1, report.ExitCode);
    }

    [Fact]
    public async Task A_warning_alone_is_healthy_for_the_exit_code()
    {
        var report = await RunAsync(DoctorMode.Repair, new FakeCheck { Left = 1, Kind = RepairKind.Manual, Severity = Severity.Warning });
        Assert.Equal((CheckStatus.Warning, 0), (report.Checks[0].Status, report.ExitCode));
    }

    [Fact]
    public async Task Checks_that_start_programs_run_at_the_same_time_and_not_in_a_dry_run()
    {
        var both = new Barrier(2);
        FakeCheck Program(string id) => new()
        {
            Id = id,
            StartsPrograms = true,
            Inspect = () => both.SignalAndWait(TimeSpan.FromSeconds(30)) ? Inspection.Ok("met") : throw new TimeoutException(),
        };
        var report = await RunAsync(DoctorMode.Repair, Program("one"), Program("two"));
        Assert.All(report.Checks, check => Assert.Equal("met", check.Message));
        var dry = await RunAsync(DoctorMode.DryRun, Program("one"), Program("two"));
        Assert.All(dry.Checks, check => Assert.Equal(CheckStatus.Skipped, check.Status));
        both.Dispose();
    }

    [Fact]
    public async Task Told_to_stop_it_skips_what_it_has_not_looked_at()
    {
        using var stop = new CancellationTokenSource();
        using var looking = new ManualResetEventSlim(); // It goes on looking, as one in the middle of something does.
        var second = new FakeCheck { Inspect = () => { stop.Cancel(); looking.Wait(TimeSpan.FromSeconds(30)); return Inspection.Ok("fine"); } };
        var site = Site(DoctorMode.Repair);
        var report = await new DoctorRun(site, [new FakeCheck(), second, new FakeCheck()], _ => { }).RunAsync(stop.Token);
        looking.Set();
        Assert.Equal([CheckStatus.Ok, CheckStatus.Skipped, CheckStatus.Skipped], report.Checks.Select(check => check.Status));
        Assert.All(report.Checks.Skip(1), check => Assert.Equal("interrupted", check.Message));
    }

    [Fact]
    public async Task Undo_brings_the_last_run_back_and_then_the_one_before()
    {
        _bench.Job("task-a");
        File.WriteAllText(_bench.Paths.IndexFile, "damaged once");
        await _bench.DoctorAsync();
        File.WriteAllText(_bench.Paths.JobFile("task-a"), "damaged twice");
        await _bench.DoctorAsync();
        Assert.Equal(JobStatus.Completed, _bench.Store.ReadJob("task-a").Value!.Status);

        Assert.Equal(0, (await _bench.Bench.RunAsync("doctor", "--undo")).ExitCode);
        Assert.Equal("damaged twice", File.ReadAllText(_bench.Paths.JobFile("task-a")));
        Assert.Equal(0, (await _bench.Bench.RunAsync("doctor", "--undo", "--json")).ExitCode);
        Assert.Equal("damaged once", File.ReadAllText(_bench.Paths.IndexFile));
        var nothing = await _bench.Bench.RunAsync("doctor", "--undo");
        Assert.Equal((1, "error: There is no repair to take back.\n"), (nothing.ExitCode, nothing.Error));
        await _bench.HealsAsync("job-files");
    }

    [Fact]
    public async Task Undo_sets_aside_what_a_repair_made_where_nothing_was()
    {
        _bench.Job("task-a");
        File.Delete(_bench.Paths.IndexFile);
        await _bench.DoctorAsync();
        Assert.True(File.Exists(_bench.Paths.IndexFile));
        Assert.Equal(0, (await _bench.Bench.RunAsync("doctor", "--undo")).ExitCode);
        Assert.False(File.Exists(_bench.Paths.IndexFile));
    }

    [Fact]
    public async Task Undo_leaves_alone_what_others_go_by_by_now()
    {
        _bench.Job("task-a");
        File.WriteAllText(_bench.Paths.BrokerFile, "{");
        File.WriteAllText(_bench.Paths.IndexFile, "{");
        await _bench.DoctorAsync();
        _bench.Store.PublishBroker(_bench.Record("0a1b2c3d4e5f", DoctorBench.Self));
        _bench.Job("task-b");
        File.SetLastWriteTimeUtc(_bench.Paths.IndexFile, TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(1)); // The system's own time of a write lags by some milliseconds.

        var undo = await _bench.Bench.RunAsync("doctor", "--undo");
        Assert.Equal(1, undo.ExitCode);
        Assert.Contains($"{_bench.Paths.IndexFile} was changed since, and stays as it is; the old one is kept as {_bench.Paths.QuarantineDirectory}", undo.Out, StringComparison.Ordinal);
        Assert.Contains($"{_bench.Paths.BrokerFile} stays as it is, as a broker runs by now; ", undo.Out, StringComparison.Ordinal);
        Assert.Equal("0a1b2c3d4e5f", _bench.Store.ReadBroker().Value!.InstanceId);
        Assert.Equal(2, _bench.Store.ReadIndex().Value!.Count);

        // Taken back or not, it is not tried again; and nobody is there to ask any more.
        Assert.Equal("error: There is no repair to take back.\n", (await _bench.Bench.RunAsync("doctor", "--undo")).Error);
    }

    [Fact]
    public async Task A_journal_that_names_places_outside_of_the_state_undoes_nothing()
    {
        _bench.Job("task-a");
        var outside = Path.Combine(_bench.Bench.Root, "outside");
        File.WriteAllText(outside, "mine");
        var folder = Directory.CreateDirectory(Path.Combine(_bench.Paths.Root, "doctor"), NativeDisk.PrivateFolder).FullName;
        File.WriteAllText(
            Path.Combine(folder, "20990101T000000.000Z-1.jsonl"),
            $$"""
            {"state":"begin","check":"x","kind":"Moved","path":"{{_bench.Bench.Root}}/stolen","kept":"{{outside}}","workspace":"{{_bench.Paths.Directory}}"}
            {"state":"begin","check":"x","kind":"Moved","path":"{{_bench.Paths.Directory}}/../../stolen","kept":"{{outside}}","workspace":"{{_bench.Paths.Directory}}"}
            {"state":"begin","check":"x","kin
            """);
        var undo = await _bench.Bench.RunAsync("doctor", "--undo");
        Assert.Equal(1, undo.ExitCode);
        Assert.Equal("mine", File.ReadAllText(outside));
    }

    [Theory]
    [InlineData("--dry-run", "--fix")]
    [InlineData("--undo", "--force")]
    [InlineData("--check", "jobs-indx")]
    [InlineData("--frobnicate")]
    public async Task A_command_line_that_makes_no_sense_changes_nothing(params string[] options)
    {
        var end = await _bench.Bench.RunAsync(["doctor", .. options]);
        Assert.Equal((2, ""), (end.ExitCode, end.Out));
        Assert.False(Directory.Exists(_bench.Paths.Root));
    }

    [Fact]
    public async Task Two_doctors_at_once_repair_once_and_agree()
    {
        for (var i = 0; i < 5; i++)
            _bench.Job($"task-{i}");
        File.WriteAllText(_bench.Paths.IndexFile, "{");
        File.WriteAllText(_bench.Paths.JobFile("task-3"), "{");
        _bench.Store.PublishBroker(_bench.Record("0a1b2c3d4e5f", DoctorBench.Gone));
        var ends = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => _bench.DoctorAsync())));
        Assert.All(ends, end => Assert.True(end.ExitCode == 0, end.Json.ToString()));
        Assert.Equal(3, _bench.Quarantined().Length);
        Assert.All((await _bench.DoctorAsync()).Checks, c => Assert.Equal("ok", c.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task All_looks_at_every_workspace_and_names_those_with_something_wrong()
    {
        _bench.Job("task-a");
        var other = RepositoryRoot.Make(Path.Combine(_bench.Bench.Root, "other"));
        _bench.Bench.CurrentDirectory = other;
        await _bench.NormalCommandWorksAsync();
        File.WriteAllText(_bench.Paths.IndexFile, "{");
        Assert.Equal(0, (await _bench.LookAsync()).ExitCode);
        Assert.Equal(1, (await _bench.LookAsync("--all")).ExitCode);
        var text = await _bench.Bench.RunAsync("doctor", "--all");
        Assert.Contains(_bench.Store.Workspace.Root, text.Out, StringComparison.Ordinal);
        Assert.Contains("1 workspace is healthy", text.Out, StringComparison.Ordinal);
    }

    private DoctorSite Site(DoctorMode mode) => new(_bench.Bench.Host(Stream.Null, Stream.Null), mode, _bench.Bench.Work, []);

    private Task<DoctorReport> RunAsync(DoctorMode mode, params IDoctorCheck[] checks) =>
        new DoctorRun(Site(mode), checks, _ => { }).RunAsync(CancellationToken.None);

    private sealed class FakeCheck : IDoctorCheck
    {
        public FakeCheck()
        {
            Inspect = () => Inspection.Of("fine", Left > 0 ? [new Finding("f", "s", "found", new Remedy(Kind, "do it", [])) { Severity = Severity }] : [], _ => "");
            Repair = _ =>
            {
                Left--;
                return new Repair.Done("done");
            };
        }

        public string Id { get; init; } = "fake";

        public CheckCategory Category => CheckCategory.State;

        public CheckScope Scope => CheckScope.Workspace;

        public string About => "";

        public bool StartsPrograms { get; init; }

        public int Left { get; set; }

        public int Repairs { get; private set; }

        public RepairKind Kind { get; init; } = RepairKind.Safe;

        public Severity Severity { get; init; } = Severity.Problem;

        public Func<Inspection> Inspect { get; init; }

        public Func<RepairJournal, Repair> Repair { get; set; }

        public Task<Inspection> InspectAsync(DoctorPlace place, CancellationToken cancellation) => Task.FromResult(Inspect());

        public Task<Repair> RepairAsync(DoctorPlace place, Finding finding, RepairJournal journal)
        {
            Repairs++;
            return Task.FromResult(Repair(journal));
        }
    }
}
