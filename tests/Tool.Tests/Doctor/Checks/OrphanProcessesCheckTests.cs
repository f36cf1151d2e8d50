using System.Diagnostics;
using System.Runtime.Versioning;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor.Checks;

/// <summary>Real processes, marked as an app-server would mark them. Linux only: elsewhere nothing is found.</summary>
[SupportedOSPlatform("linux")]
[Collection(OrphanCollection.Name)]
public sealed class OrphanProcessesCheckTests : IDisposable
{
    private const string Check = "orphan-processes";
    private readonly DoctorBench _bench = new();
    private readonly List<Process> _processes = [];
    private readonly string _instance = Guid.NewGuid().ToString("N")[..12];

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            process.Dispose();
        }

        _bench.Dispose();
    }

    [Fact]
    public async Task What_a_broker_that_is_gone_started_is_told_of_and_ended_by_force_only()
    {
        var orphan = Start($"{_instance}.1");
        var end = await _bench.LookAsync("--check", Check);
        Assert.Contains($"broker {_instance} is gone", end[Check].ToString(), StringComparison.Ordinal);
        Assert.Equal("risky", Finding(end, $"{_instance}.1").GetProperty("repair").GetProperty("kind").GetString());

        await _bench.DoctorAsync("--check", Check);
        Assert.False(orphan.HasExited);
        end = await _bench.DoctorAsync("--force", "--check", Check);
        Assert.Equal("ended", Finding(end, $"{_instance}.1").GetProperty("repair").GetProperty("done").GetString());
        await orphan.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task What_a_living_broker_started_is_left_alone()
    {
        Start(_instance);
        var served = Start($"{_instance}.1");
        var end = await _bench.DoctorAsync("--force", "--check", Check);
        Assert.DoesNotContain(_instance, end[Check].GetProperty("findings").ToString(), StringComparison.Ordinal);
        Assert.False(served.HasExited);
    }

    [Fact]
    public async Task A_run_without_a_broker_is_over_when_its_process_is_gone_and_not_before()
    {
        var id = $"task-{_instance}";
        var served = Start($"direct-{id}");
        var unknown = Start($"direct-task-x{_instance}");
        _bench.Job(id, JobStatus.Running, job => job with { Process = DoctorBench.Self });
        var end = await _bench.DoctorAsync("--force", "--check", Check);
        Assert.DoesNotContain(_instance, end[Check].GetProperty("findings").ToString(), StringComparison.Ordinal);

        _bench.Store.UpdateJob(id, job => job with { Process = DoctorBench.Gone });
        await _bench.DoctorAsync("--force", "--check", Check);
        await served.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.False(unknown.HasExited);
    }

    // Other tests on this machine may have left some: they are not ours to judge here.
    private static System.Text.Json.JsonElement Finding(DoctorEnd end, string subject) =>
        end[Check].GetProperty("findings").EnumerateArray().Single(finding => finding.GetProperty("subject").GetString() == subject);

    private Process Start(string mark)
    {
        var start = new ProcessStartInfo("sleep", "600") { UseShellExecute = false };
        start.Environment["CODEX_COMPANION_INSTANCE"] = mark;
        var process = Process.Start(start)!;
        _processes.Add(process);
        Assert.NotNull(new ProcessTable().Identify(process.Id));
        return process;
    }
}
