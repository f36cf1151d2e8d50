using System.Runtime.Versioning;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Jobs;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor.Checks;

[UnsupportedOSPlatform("windows")]
public sealed class RetentionCheckTests : IDisposable
{
    private const string Check = "retention";
    private readonly DoctorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task What_has_expired_is_named_with_the_command_that_removes_it_and_stays()
    {
        var now = TimeProvider.System.GetUtcNow();
        Finished("task-old", now - JobRetention.UncollectedAge - TimeSpan.FromDays(1), collected: false);
        Finished("task-had", now - JobRetention.CollectedAge - TimeSpan.FromDays(1), collected: true);
        Finished("task-new", now, collected: false);
        var seen = await _bench.LookAsync("--check", Check);
        Assert.Equal(("warning", 0), (seen.StatusOf(Check), seen.ExitCode));
        var end = await _bench.DoctorAsync("--force", "--check", Check);
        Assert.Equal("warning", end.StatusOf(Check));
        Assert.Equal(["task-had", "task-old"], end[Check].GetProperty("evidence").EnumerateArray().Skip(1).Select(id => id.GetString()).Order());
        Assert.Equal(["codex-companion prune"], end.CommandsOf(Check));
        Assert.Equal(3, _bench.Store.ListJobs().Count);

        Assert.Equal(0, (await _bench.Bench.RunAsync("prune")).ExitCode);
        Assert.Equal("ok", (await _bench.DoctorAsync("--check", Check)).StatusOf(Check));
        Assert.Equal("task-new", Assert.Single(_bench.Store.ListJobs()).Id);
        await _bench.NormalCommandWorksAsync();
    }

    [Fact]
    public async Task Jobs_at_work_new_ones_and_those_nobody_has_got_are_left_alone()
    {
        var now = TimeProvider.System.GetUtcNow();
        _bench.Job("task-run", JobStatus.Running, job => job with { Process = DoctorBench.Self, CreatedAt = now - TimeSpan.FromDays(100), StartedAt = now - TimeSpan.FromDays(100) });
        for (var i = 0; i < JobRetention.MostCollected; i++)
            Finished($"task-{i}", now, collected: true);
        Finished("task-wait", now - JobRetention.CollectedAge - TimeSpan.FromDays(1), collected: false);
        await _bench.IsLeftAloneAsync(Check);
    }

    private void Finished(string id, DateTimeOffset end, bool collected) => _bench.Job(id, JobStatus.Completed, job => job with
    {
        CreatedAt = end,
        StartedAt = end,
        UpdatedAt = end,
        CompletedAt = end,
        CollectedAt = collected ? end : null,
    });
}
