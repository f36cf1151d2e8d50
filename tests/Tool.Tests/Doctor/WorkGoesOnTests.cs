using System.Runtime.Versioning;
using System.Text.Json;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Doctor;
using CodexCompanion.Tool.Tests.Jobs;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor;

/// <summary>Doctor beside a broker, a worker and a turn that are really there: nothing of them is touched, and the turn comes to its end.</summary>
[SupportedOSPlatform("linux")]
[Collection(OrphanCollection.Name)]
public sealed class WorkGoesOnTests : IDisposable
{
    private readonly JobProcessBench _bench = new(broker: true);

    public void Dispose() => _bench.Dispose();

    [LinuxFact]
    public async Task A_turn_at_work_in_a_broker_is_left_alone_by_every_check_and_by_two_doctors_at_once()
    {
        var id = await _bench.LaunchAsync("--write", "sim: run while [ ! -e go ]; do sleep 0.02; done\nsim: reply undisturbed");
        await JobProcessBench.UntilAsync(() => _bench.Job(id).TurnId is not null);
        var broker = _bench.Store.ReadBroker().Value!;
        foreach (var mode in (string[])["--dry-run", "--fix", "--force"])
        {
            foreach (var end in await Task.WhenAll(DoctorAsync(mode), DoctorAsync(mode, "--all")))
            {
                Assert.All(end.Checks, check => Assert.True(IsHealthy(check, broker.InstanceId), check.ToString()));
                Assert.Contains(", 1 running turn", end.MessageOf("broker-process"), StringComparison.Ordinal);
                Assert.Equal("none; 1 job at work", end.MessageOf("orphaned-jobs"));
            }
        }

        Assert.Equal(broker, _bench.Store.ReadBroker().Value! with { Extra = broker.Extra });
        await File.WriteAllTextAsync(Path.Combine(_bench.Tool.Work, "go"), "");
        var ended = await _bench.EndedAsync(id);
        Assert.Equal((JobStatus.Completed, "undisturbed"), (ended.Status, ended.Rendered));
        Assert.Equal((1, 1), (_bench.Simulation.Journal.ServerCount, _bench.Simulation.Journal.Of("turn-ended").Count()));
    }

    // What other tests, or others on this machine, left behind is not this one's.
    private static bool IsHealthy(JsonElement check, string instance) => check.GetProperty("id").GetString() switch
    {
        "orphan-processes" => !check.GetProperty("findings").ToString().Contains(instance, StringComparison.Ordinal),
        _ => check.GetProperty("status").GetString() is "ok" or "skipped",
    };

    private async Task<DoctorEnd> DoctorAsync(params string[] options)
    {
        string[] checks = [.. CheckCatalog.Create().Where(check => !check.StartsPrograms).SelectMany(check => (string[])["--check", check.Id])];
        var run = await _bench.RunAsync(["doctor", "--json", .. options, .. checks]);
        Assert.True(run.Error.Length == 0, run.Error);
        using var json = JsonDocument.Parse(run.Out);
        return new DoctorEnd(run.ExitCode, json.RootElement.Clone());
    }
}
